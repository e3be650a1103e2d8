// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/stream_engine.hpp"

#include <algorithm>

namespace duet::memory {
namespace {

/// Share of a channel that small transfers may take from a bulk transfer in service: 1 / this.
constexpr int64_t small_share = 8;

}  // namespace

StreamEngine::StreamEngine(const core::MemoryDescription& memory)
    : costs_(memory),
      interleave_(memory.interleave_bytes),
      lanes_(uint64_t{memory.stacks} * core::standard_of(memory).organisation.channels_per_stack),
      in_step_(costs_, counters_, lanes_) {
  for (uint64_t lane = 0; lane < lanes_; ++lane) channels_.push_back({StreamLane(costs_, counters_, 1)});
}

void StreamEngine::submit(Transfer& transfer) {
  (transfer.write ? counters_.bytes_written : counters_.bytes_read) += transfer.bytes;
  ++(transfer.write ? counters_.write_requests : counters_.read_requests);
  if (transfer.bytes < interleave_ * lanes_) {
    dispatch_small(transfer);
  } else {
    bulk_.push(transfer);
    advance(transfer.arrival_ps);
  }
}

/// A bulk transfer is dispatched one idle latency before the channels come free, so that its first
/// data follows the last of the one before without a gap; later arrivals may still go before it.
int64_t StreamEngine::bulk_due_ps() const {
  return bulk_.empty() ? StreamLane::never : in_step_.free_ps() - costs_.front_ps - costs_.read.open_ps;
}

uint64_t StreamEngine::next_event_ps() const {
  const int64_t next = std::min(bulk_due_ps(), flush_ps_);
  return next == StreamLane::never ? never_ps : static_cast<uint64_t>(std::max<int64_t>(0, next));
}

void StreamEngine::advance(uint64_t now_ps) {
  const auto now = static_cast<int64_t>(now_ps);
  while (true) {
    if (bulk_due_ps() <= now) {
      dispatch_bulk(bulk_.pop());
    } else if (flush_ps_ <= now) {
      flush(now);
    } else {
      return;
    }
  }
}

/// Writes that wait on channels where nothing that comes from now on is a read in time.
void StreamEngine::flush(int64_t now_ps) {
  flush_ps_ = StreamLane::never;
  const auto visit = [&](StreamLane& lane) {
    if (lane.write_deadline_ps() == StreamLane::never) return;
    if (lane.write_deadline_ps() - costs_.front_ps <= now_ps) lane.flush_writes();
    collect(lane);
  };
  visit(in_step_);
  for (Channel& channel : channels_) visit(channel.lane);
}

uint32_t StreamEngine::activate(Transfer& transfer) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(active_.size()));
    active_.emplace_back();
  }
  const uint32_t tag = free_.back();
  free_.pop_back();
  active_[tag] = {.transfer = &transfer, .parts = 1, .first_ps = StreamLane::never, .last_ps = 0};
  return tag;
}

void StreamEngine::served(uint32_t tag, int64_t first_ps, int64_t last_ps) {
  Active& active = active_[tag];
  active.first_ps = std::min(active.first_ps, first_ps);
  active.last_ps = std::max(active.last_ps, last_ps);
  if (--active.parts == 0) finish(active);
}

void StreamEngine::collect(StreamLane& lane) {
  for (const StreamLane::Served& part : lane.served) {
    Active& active = active_[part.tag];
    active.parts += part.last ? 0 : 1;
    served(part.tag, part.first_ps, part.last_ps);
  }
  lane.served.clear();
  if (lane.write_deadline_ps() != StreamLane::never)
    flush_ps_ = std::min(flush_ps_, lane.write_deadline_ps() - costs_.front_ps);
}

/// A bulk transfer is the same on all channels, but for a granule at its ends: one stands for all.
void StreamEngine::dispatch_bulk(Transfer& transfer) {
  const uint64_t granule = transfer.address / interleave_;
  const uint64_t local = granule / lanes_ * interleave_ + transfer.address % interleave_;
  const uint64_t bytes = (transfer.bytes + lanes_ - 1) / lanes_;
  const uint32_t tag = activate(transfer);
  in_step_.add(local, bytes, transfer.write, static_cast<int64_t>(transfer.arrival_ps) + costs_.front_ps,
               tag);
  collect(in_step_);
}

void StreamEngine::dispatch_small(Transfer& transfer) {
  const int64_t entry_ps = static_cast<int64_t>(transfer.arrival_ps) + costs_.front_ps;
  const auto queue_ps = static_cast<int64_t>(costs_.read.queue_bursts * costs_.burst_ps);
  const uint32_t tag = activate(transfer);
  uint64_t address = transfer.address;
  for (uint64_t rest = transfer.bytes; rest > 0;) {
    const uint64_t granule = address / interleave_;
    const uint64_t part = std::min(rest, interleave_ - address % interleave_);
    const uint64_t local = granule / lanes_ * interleave_ + address % interleave_;
    Channel& channel = channels_[granule % lanes_];
    ++active_[tag].parts;
    const int64_t bulk_ps = in_step_.free_ps() - entry_ps;
    if (bulk_ps > 0) {
      // Behind a bulk transfer in service: between the bursts of its queue, at most an eighth of the channel.
      const uint64_t bursts = (local + part - 1) / costs_.burst_bytes - local / costs_.burst_bytes + 1;
      const auto work_ps = static_cast<int64_t>(static_cast<double>(bursts) * costs_.burst_ps);
      const int64_t start = std::max(entry_ps + costs_.of(transfer.write).open_ps, channel.small_free_ps);
      channel.small_free_ps = start + work_ps * small_share;
      in_step_.steal(static_cast<double>(bursts) / static_cast<double>(lanes_));
      const int64_t first_ps = start + std::min(queue_ps, bulk_ps);
      served(tag, first_ps, first_ps + work_ps);
    } else {
      channel.lane.add(local, part, transfer.write, entry_ps, tag);
      collect(channel.lane);
    }
    address += part;
    rest -= part;
  }
  if (--active_[tag].parts == 0) finish(active_[tag]);
}

/// From column slots to times at the port.
void StreamEngine::finish(Active& active) {
  Transfer& transfer = *active.transfer;
  const int64_t tail_ps = costs_.of(transfer.write).tail_ps;
  auto last = static_cast<uint64_t>(std::max(active.first_ps, active.last_ps - costs_.slot_ps) + tail_ps);
  if (transfer.write && transfer.source_done_ps > transfer.arrival_ps)
    last = std::max(last, transfer.source_done_ps +
                              static_cast<uint64_t>(costs_.front_ps + costs_.write.open_ps + tail_ps));
  transfer.first_data_ps = transfer.write ? last : static_cast<uint64_t>(active.first_ps + tail_ps);
  transfer.last_data_ps = last;
  scheduled.push_back(&transfer);
  free_.push_back(static_cast<uint32_t>(&active - active_.data()));
}

MemoryCounters StreamEngine::counters(uint64_t now_ps) const {
  MemoryCounters counters = counters_;
  if (costs_.refresh_interval_ps != 0) {
    const uint64_t refreshes = now_ps / costs_.refresh_interval_ps * costs_.refreshed_units * lanes_;
    (costs_.refresh_per_bank ? counters.refreshes_per_bank : counters.refreshes_all_bank) = refreshes;
  }
  return counters;
}

}  // namespace duet::memory
