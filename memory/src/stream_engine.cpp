// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/stream_engine.hpp"

#include <algorithm>
#include <cmath>

namespace duet::memory {
namespace {

/// Share of a channel that small transfers may take from a bulk transfer in service: 1 / this.
constexpr uint64_t small_share = 8;

}  // namespace

StreamEngine::StreamEngine(const core::MemoryDescription& memory)
    : costs_(memory), interleave_(memory.interleave_bytes) {
  lanes_.resize(size_t{memory.stacks} * core::standard_of(memory).organisation.channels_per_stack);
  for (Lane& lane : lanes_) {
    lane.bank_sets.resize(costs_.bank_sets);
    lane.pace_ps = costs_.burst_ps;
  }
}

void StreamEngine::submit(Transfer& transfer) {
  (transfer.write ? counters_.bytes_written : counters_.bytes_read) += transfer.bytes;
  ++(transfer.write ? counters_.write_requests : counters_.read_requests);
  if (transfer.bytes < interleave_ * lanes_.size()) {
    dispatch_small(transfer);
  } else {
    bulk_.push(transfer);
    advance(transfer.arrival_ps);
  }
}

uint64_t StreamEngine::next_event_ps() const {
  if (bulk_.empty()) return never_ps;
  return bulk_horizon_ps_ > costs_.read.latency_ps ? bulk_horizon_ps_ - costs_.read.latency_ps : 0;
}

// A bulk transfer is dispatched one idle latency before the channels come free, so that its first
// data follows the last of the one before without a gap; later arrivals may still go before it.
void StreamEngine::advance(uint64_t now_ps) {
  while (!bulk_.empty() && next_event_ps() <= now_ps) dispatch_bulk(bulk_.pop());
}

/// Places one channel's part of a transfer and returns when its first and last data are there.
StreamEngine::Span StreamEngine::serve(Lane& lane, uint64_t local_address, uint64_t bytes,
                                       const Transfer& transfer, uint64_t start_ps, bool idle) {
  const StreamCosts::Direction& direction = costs_.of(transfer.write);
  const uint64_t first_burst = local_address / costs_.burst_bytes;
  const uint64_t bursts = (local_address + bytes - 1) / costs_.burst_bytes - first_burst + 1;
  const uint64_t first_set = local_address / costs_.row_set_bytes;
  const uint64_t last_set = (local_address + bytes - 1) / costs_.row_set_bytes;
  const uint64_t crossed = last_set - first_set;
  const bool new_rows = lane.open_row_set != first_set;
  const double data_ps = static_cast<double>(bursts) * costs_.burst_ps;
  const uint32_t opened = new_rows ? costs_.banks_touched(bytes) : 0;
  BankSet& set = lane.bank_sets[first_set % costs_.bank_sets];
  const bool alternates = set.previous == first_set;
  const double share = alternates ? std::min(1.0, static_cast<double>(bursts) / costs_.queue_bursts) : 1.0;
  const double opening_ps = opened * costs_.act_spacing_ps * share;

  // The queue looks ahead as far as its entries last at the pace of the transfers before.
  const double row_set_stall_ps =
      std::max({0.0, direction.row_change_ps - costs_.queue_bursts * lane.pace_ps, costs_.bank_cycle_ps});
  double stall_ps = static_cast<double>(crossed) * row_set_stall_ps;
  if (idle) {
    // The idle latency is that of a closed row: an open one saves the ACT, another one costs a PRE.
    if (set.row_set == first_set) {
      start_ps -= static_cast<uint64_t>(direction.open_ps);
    } else if (set.row_set != none) {
      start_ps += static_cast<uint64_t>(costs_.close_ps);
    }
  } else if (new_rows) {
    double jump_ps = row_set_stall_ps;
    // Only a jump, not the next rows of a stream, finds the scheduler without other open rows.
    if (jump_ps > 0 && set.row_set != none && local_address != lane.next_address)
      jump_ps += costs_.jump_ramp_ps;
    const double pace_ps = std::max(data_ps, opening_ps);
    stall_ps += std::max(share * jump_ps, conflict_stall_ps(set, first_set, start_ps, bursts, pace_ps));
  }
  double turnaround_ps = 0;
  if (lane.last_was_write != transfer.write) {
    if (transfer.write && !idle) {
      const double drains = static_cast<double>(bytes) / static_cast<double>(costs_.drain_bytes);
      turnaround_ps = costs_.turnaround_ps * std::min(costs_.drains_per_switch, drains);
      if (new_rows) turnaround_ps += costs_.exposed_rows_ps * std::min(1.0, drains);
    }
    lane.last_was_write = transfer.write;
  }
  const double visible_ps = (stall_ps + data_ps + turnaround_ps) * costs_.refresh_stretch;
  const double occupied_ps = std::max(visible_ps, opening_ps + turnaround_ps);

  lane.open_row_set = last_set;
  lane.next_address = local_address + bytes;
  lane.pace_ps = std::max(data_ps, opening_ps) / static_cast<double>(bursts);
  const double set_ps = visible_ps / static_cast<double>(crossed + 1);
  for (uint64_t back = std::min<uint64_t>(crossed, costs_.bank_sets - 1) + 1; back-- > 0;) {
    BankSet& used = lane.bank_sets[(last_set - back) % costs_.bank_sets];
    if (used.row_set != last_set - back) used.previous = used.row_set;
    used.row_set = last_set - back;
    used.free_ps = start_ps + static_cast<uint64_t>(visible_ps - static_cast<double>(back) * set_ps +
                                                    direction.reopen_ps);
  }

  const uint64_t activates = std::min<uint64_t>(bursts, opened + crossed * costs_.row_set_banks);
  (transfer.write ? counters_.write_bursts : counters_.read_bursts) += bursts;
  counters_.activates += activates;
  counters_.row_hits += bursts - activates;
  counters_.busy_ps += static_cast<uint64_t>(data_ps);

  const double head_ps = idle ? costs_.burst_ps : 0.0;
  return {.first_ps = start_ps,
          .last_ps = start_ps + static_cast<uint64_t>(std::llround(visible_ps - head_ps)),
          .free_ps = start_ps + static_cast<uint64_t>(std::llround(occupied_ps - head_ps))};
}

/// Data bus idle because the wanted banks hold another row that was in use until a short time ago.
double StreamEngine::conflict_stall_ps(const BankSet& set, uint64_t row_set, uint64_t start_ps,
                                       uint64_t bursts, double pace_ps) const {
  if (set.row_set == row_set || set.row_set == none || set.free_ps <= start_ps) return 0;
  // The queue's other requests go on meanwhile, as many as it holds beside these.
  const double others = static_cast<double>(costs_.queue_bursts) / static_cast<double>(bursts) - 1;
  const double hidden_ps = std::max(0.0, others) * pace_ps;
  // Bulk transfers are placed ahead of time: a small one between them finds the banks in use now, not then.
  const double longest_ps = std::max(costs_.read.reopen_ps, costs_.write.reopen_ps);
  const double stall_ps = std::min(longest_ps, static_cast<double>(set.free_ps - start_ps));
  if (set.previous != row_set) return std::max(0.0, stall_ps - hidden_ps);
  // Two streams that fight for the banks: the scheduler serves a queue's worth of hits of each in turn.
  return stall_ps * std::min(1.0, static_cast<double>(bursts) / costs_.queue_bursts);
}

void StreamEngine::dispatch_bulk(Transfer& transfer) {
  const uint64_t lanes = lanes_.size();
  const uint64_t first_granule = transfer.address / interleave_;
  const uint64_t last_byte = transfer.address + transfer.bytes - 1;
  const uint64_t last_granule = last_byte / interleave_;
  const uint64_t earliest_ps = transfer.arrival_ps + costs_.of(transfer.write).latency_ps;
  uint64_t first_ps = never_ps;
  uint64_t last_ps = 0;
  bool waited_for_refresh = false;
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
    if (idle) waited_for_refresh = true;
  }
  if (waited_for_refresh) last_ps += refresh_tail_ps(transfer.bytes / lanes, last_ps - first_ps);
  finish(transfer, first_ps, last_ps);
}

/// Mean wait for banks in refresh that a transfer on idle channels sees; a long one overlaps it with
/// its other data.
uint64_t StreamEngine::refresh_tail_ps(uint64_t lane_bytes, uint64_t duration_ps) const {
  if (costs_.refresh_busy_ps <= 0) return 0;
  const double share = std::clamp(2 - static_cast<double>(duration_ps) / costs_.refresh_busy_ps, 0.0, 1.0);
  return static_cast<uint64_t>(share * costs_.refresh_wait_ps[costs_.banks_touched(lane_bytes)]);
}

void StreamEngine::dispatch_small(Transfer& transfer) {
  const uint64_t lanes = lanes_.size();
  const uint64_t earliest_ps = transfer.arrival_ps + costs_.of(transfer.write).latency_ps;
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
    last_ps = std::max(last_ps, transfer.source_done_ps + costs_.write.latency_ps);
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
