// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/stream_engine.hpp"

#include <algorithm>
#include <cmath>

namespace duet::memory {
namespace {

/// Share of a channel that small transfers may take from a bulk transfer in service: 1 / this.
constexpr uint64_t small_share = 8;
/// Flows whose next address is remembered.
constexpr size_t remembered_flows = 16;

}  // namespace

StreamEngine::StreamEngine(const core::MemoryDescription& memory)
    : costs_(memory), interleave_(memory.interleave_bytes) {
  lanes_.resize(size_t{memory.stacks} * core::standard_of(memory).organisation.channels_per_stack);
}

void StreamEngine::submit(Transfer& transfer) {
  (transfer.write ? counters_.bytes_written : counters_.bytes_read) += transfer.bytes;
  ++(transfer.write ? counters_.write_requests : counters_.read_requests);
  if (transfer.bytes < interleave_ * lanes_.size()) {
    dispatch_small(transfer);
  } else {
    enqueue_bulk(transfer);
    advance(transfer.arrival_ps);
  }
}

uint64_t StreamEngine::next_event_ps() const {
  if (queued_ == 0) return never_ps;
  return bulk_horizon_ps_ > costs_.read_latency_ps ? bulk_horizon_ps_ - costs_.read_latency_ps : 0;
}

// A bulk transfer is dispatched one idle latency before the channels come free, so that its first
// data follows the last of the one before without a gap; later arrivals may still go before it.
void StreamEngine::advance(uint64_t now_ps) {
  while (queued_ > 0 && next_event_ps() <= now_ps) {
    Flow& flow = next_flow();
    const Queued head = flow.queue.front();
    flow.queue.pop_front();
    --queued_;
    virtual_time_ = std::max(virtual_time_ + head.transfer->bytes / active_flows_, head.tag);
    if (flow.queue.empty()) --active_flows_;
    if (queued_ == 0) virtual_time_ = std::max(virtual_time_, flow.finish_tag);
    dispatch_bulk(*head.transfer);
  }
}

void StreamEngine::enqueue_bulk(Transfer& transfer) {
  Flow& flow = flow_of(transfer);
  const uint64_t tag = std::max(virtual_time_, flow.finish_tag);
  flow.finish_tag = tag + transfer.bytes;
  flow.next_address = transfer.address + transfer.bytes;
  flow.last_use = ++uses_;
  if (flow.queue.empty()) ++active_flows_;
  flow.queue.push_back({&transfer, tag});
  ++queued_;
}

/// The flow that the transfer continues, or a new one in the place of the longest unused.
StreamEngine::Flow& StreamEngine::flow_of(const Transfer& transfer) {
  Flow* oldest = nullptr;
  for (Flow& flow : flows_) {
    if (flow.next_address == transfer.address && flow.write == transfer.write) return flow;
    if (flow.queue.empty() && (oldest == nullptr || flow.last_use < oldest->last_use)) oldest = &flow;
  }
  if (oldest == nullptr || flows_.size() < remembered_flows) oldest = &flows_.emplace_back();
  oldest->finish_tag = 0;
  oldest->write = transfer.write;
  return *oldest;
}

StreamEngine::Flow& StreamEngine::next_flow() {
  const auto before = [](const Flow& left, const Flow& right) {
    if (left.queue.empty() || right.queue.empty()) return !left.queue.empty() && right.queue.empty();
    const Queued& a = left.queue.front();
    const Queued& b = right.queue.front();
    return a.tag != b.tag ? a.tag < b.tag : a.transfer->arrival_ps < b.transfer->arrival_ps;
  };
  return *std::min_element(flows_.begin(), flows_.end(), before);
}

/// Places one channel's part of a transfer and returns when its first and last data are there.
StreamEngine::Span StreamEngine::serve(Lane& lane, uint64_t local_address, uint64_t bytes,
                                       const Transfer& transfer, uint64_t start_ps, bool idle) {
  const uint64_t first_burst = local_address / costs_.burst_bytes;
  const uint64_t bursts = (local_address + bytes - 1) / costs_.burst_bytes - first_burst + 1;
  const uint64_t first_set = local_address / costs_.row_set_bytes;
  const uint64_t last_set = (local_address + bytes - 1) / costs_.row_set_bytes;
  const bool new_rows = lane.open_row_set != first_set;
  const double data_ps = static_cast<double>(bursts) * costs_.burst_ps;
  // The latency of an idle channel holds its first row change and its first burst.
  const uint64_t row_changes = last_set - first_set + (new_rows && !idle ? 1 : 0);
  double visible_ps = data_ps + static_cast<double>(row_changes) * costs_.row_set_stall_ps;
  if (lane.last_was_write != transfer.write) {
    const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(costs_.drain_bytes));
    if (!idle) visible_ps += share * static_cast<double>(costs_.turnaround_ps) / 2;
    lane.last_was_write = transfer.write;
  }
  visible_ps *= costs_.refresh_stretch;
  const double occupied_ps = new_rows ? std::max(visible_ps, costs_.scattered_row_ps) : visible_ps;
  lane.open_row_set = last_set;

  const uint64_t rows = (local_address + bytes - 1) / costs_.row_bytes - local_address / costs_.row_bytes + 1;
  const uint64_t activates = new_rows || last_set != first_set ? std::min(rows, bursts) : 0;
  (transfer.write ? counters_.write_bursts : counters_.read_bursts) += bursts;
  counters_.activates += activates;
  counters_.row_hits += bursts - activates;
  counters_.busy_ps += static_cast<uint64_t>(data_ps);

  const double head_ps = idle ? costs_.burst_ps : 0.0;
  return {.first_ps = start_ps,
          .last_ps = start_ps + static_cast<uint64_t>(std::llround(visible_ps - head_ps)),
          .free_ps = start_ps + static_cast<uint64_t>(std::llround(occupied_ps - head_ps))};
}

void StreamEngine::dispatch_bulk(Transfer& transfer) {
  const uint64_t lanes = lanes_.size();
  const uint64_t first_granule = transfer.address / interleave_;
  const uint64_t last_byte = transfer.address + transfer.bytes - 1;
  const uint64_t last_granule = last_byte / interleave_;
  const uint64_t earliest_ps =
      transfer.arrival_ps + (transfer.write ? costs_.write_latency_ps : costs_.read_latency_ps);
  uint64_t first_ps = never_ps;
  uint64_t last_ps = 0;
  for (uint64_t granule = first_granule; granule < first_granule + lanes; ++granule) {
    const uint64_t final_granule = granule + (last_granule - granule) / lanes * lanes;
    uint64_t local = granule / lanes * interleave_;
    uint64_t local_end = final_granule / lanes * interleave_ + interleave_;
    if (granule == first_granule) local += transfer.address % interleave_;
    if (final_granule == last_granule) local_end -= interleave_ - 1 - last_byte % interleave_;
    Lane& lane = lanes_[granule % lanes];
    const bool idle = lane.bulk_free_ps <= earliest_ps;
    const Span span =
        serve(lane, local, local_end - local, transfer, std::max(earliest_ps, lane.bulk_free_ps), idle);
    lane.bulk_free_ps = span.free_ps;
    bulk_horizon_ps_ = std::max(bulk_horizon_ps_, span.free_ps);
    first_ps = std::min(first_ps, span.first_ps);
    last_ps = std::max(last_ps, span.last_ps);
  }
  finish(transfer, first_ps, last_ps);
}

void StreamEngine::dispatch_small(Transfer& transfer) {
  const uint64_t lanes = lanes_.size();
  const uint64_t earliest_ps =
      transfer.arrival_ps + (transfer.write ? costs_.write_latency_ps : costs_.read_latency_ps);
  uint64_t first_ps = never_ps;
  uint64_t last_ps = 0;
  uint64_t address = transfer.address;
  for (uint64_t rest = transfer.bytes; rest > 0;) {
    const uint64_t granule = address / interleave_;
    const uint64_t part = std::min(rest, interleave_ - address % interleave_);
    Lane& lane = lanes_[granule % lanes];
    uint64_t start = std::max(earliest_ps, lane.small_free_ps);
    const bool behind_bulk = lane.bulk_free_ps > start;
    const bool idle = !behind_bulk && start == earliest_ps;
    if (behind_bulk) start += std::min(costs_.queue_wait_ps, lane.bulk_free_ps - start);
    const Span span =
        serve(lane, granule / lanes * interleave_ + address % interleave_, part, transfer, start, idle);
    const uint64_t work = span.free_ps - span.first_ps;
    lane.small_free_ps =
        behind_bulk ? std::max(earliest_ps, lane.small_free_ps) + work * small_share : span.free_ps;
    lane.bulk_free_ps = std::max(lane.bulk_free_ps + work, span.free_ps);
    bulk_horizon_ps_ = std::max(bulk_horizon_ps_, lane.bulk_free_ps);
    first_ps = std::min(first_ps, span.first_ps);
    last_ps = std::max(last_ps, span.last_ps);
    address += part;
    rest -= part;
  }
  finish(transfer, first_ps, last_ps);
}

void StreamEngine::finish(Transfer& transfer, uint64_t first_ps, uint64_t last_ps) {
  if (transfer.write && transfer.source_done_ps > transfer.arrival_ps)
    last_ps = std::max(last_ps, transfer.source_done_ps + costs_.write_latency_ps);
  transfer.first_data_ps = transfer.write ? last_ps : first_ps;
  transfer.last_data_ps = last_ps;
  scheduled.push_back(&transfer);
}

MemoryCounters StreamEngine::counters(uint64_t now_ps) const {
  MemoryCounters counters = counters_;
  if (costs_.refresh_interval_ps != 0) {
    const uint64_t refreshes = now_ps / costs_.refresh_interval_ps * costs_.refreshed_units * lanes_.size();
    (costs_.refresh_per_bank ? counters.refreshes_per_bank : counters.refreshes_all_bank) = refreshes;
  }
  return counters;
}

}  // namespace duet::memory
