// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/command_engine.hpp"

#include <algorithm>

namespace duet::memory {
CommandEngine::CommandEngine(const core::MemoryDescription& memory)
    : tck_ps_(core::standard_of(memory).timing.tck_ps),
      burst_bytes_(core::standard_of(memory).organisation.burst_bytes),
      interleave_(memory.interleave_bytes) {
  const core::DramStandard& standard = core::standard_of(memory);
  const uint64_t outside_ps = core::idle_latency_ps(memory) - standard.device_read_latency_ps();
  front_ps_ = outside_ps / 2 / tck_ps_ * tck_ps_;
  back_ps_ = outside_ps - front_ps_;
  write_latency_ps_ = outside_ps + standard.device_write_latency_ps();
  // Twice what all channels can move while the kernel is not asked.
  bulk_backlog_wanted_ = static_cast<uint64_t>(core::peak_bytes_per_second(memory) * 2e-12 *
                                               static_cast<double>(std::max(front_ps_, tck_ps_)));
  const uint64_t lanes = uint64_t{memory.stacks} * standard.organisation.channels_per_stack;
  for (uint64_t lane = 0; lane < lanes; ++lane) lanes_.emplace_back(memory);
}

void CommandEngine::submit(Transfer& transfer) {
  ++(transfer.write ? requests_.write_requests : requests_.read_requests);
  (transfer.write ? requests_.bytes_written : requests_.bytes_read) += transfer.bytes;
  if (unfinished_++ == 0) next_ps_ = transfer.arrival_ps;
  if (transfer.bytes < interleave_ * lanes_.size()) {
    split(transfer, true);
  } else {
    bulk_.push(transfer);
    dispatch_bulk();
  }
}

/// Hands bulk transfers to the channels as late as possible without leaving one idle.
void CommandEngine::dispatch_bulk() {
  uint64_t backlog_bytes = 0;
  for (const BurstLane& lane : lanes_) backlog_bytes += lane.bulk_backlog_bytes();
  while (!bulk_.empty() && backlog_bytes < bulk_backlog_wanted_) {
    Transfer& transfer = bulk_.pop();
    backlog_bytes += transfer.bytes;
    split(transfer, false);
  }
}

void CommandEngine::split(Transfer& transfer, bool small) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(active_.size()));
    active_.emplace_back();
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  active_[slot] = {.transfer = &transfer};
  const uint64_t lanes = lanes_.size();
  const Cycle available = (transfer.arrival_ps + front_ps_ + tck_ps_ - 1) / tck_ps_;
  const uint64_t first_granule = transfer.address / interleave_;
  const uint64_t last_byte = transfer.address + transfer.bytes - 1;
  const uint64_t last_granule = last_byte / interleave_;
  for (uint64_t granule = first_granule; granule <= last_granule && granule < first_granule + lanes;
       ++granule) {
    const uint64_t final_granule = granule + (last_granule - granule) / lanes * lanes;
    uint64_t address = granule / lanes * interleave_;
    uint64_t end = final_granule / lanes * interleave_ + interleave_;
    if (granule == first_granule) address += transfer.address % interleave_;
    if (final_granule == last_granule) end -= interleave_ - 1 - last_byte % interleave_;
    address = address / burst_bytes_ * burst_bytes_;
    end = (end + burst_bytes_ - 1) / burst_bytes_ * burst_bytes_;
    active_[slot].bursts_left += (end - address) / burst_bytes_;
    lanes_[granule % lanes].push({slot, address, end, available, transfer.write, small});
  }
}

void CommandEngine::advance(uint64_t now_ps) {
  if (unfinished_ == 0) return;
  const uint64_t ahead_ps = std::max(front_ps_, tck_ps_);
  const Cycle limit = (now_ps + ahead_ps) / tck_ps_;
  next_ps_ = now_ps + ahead_ps;
  for (BurstLane& lane : lanes_) {
    lane.run(limit);
    collect(lane.controller());
  }
  dispatch_bulk();
}

void CommandEngine::collect(ChannelController& controller) {
  for (const BurstDone& burst : controller.done) {
    Active& active = active_[burst.tag];
    active.first = std::min(active.first, burst.done);
    active.last = std::max(active.last, burst.done);
    if (--active.bursts_left != 0) continue;
    Transfer& transfer = *active.transfer;
    transfer.last_data_ps = active.last * tck_ps_ + back_ps_;
    if (transfer.write && transfer.source_done_ps > transfer.arrival_ps)
      transfer.last_data_ps = std::max(transfer.last_data_ps, transfer.source_done_ps + write_latency_ps_);
    transfer.first_data_ps = transfer.write ? transfer.last_data_ps : active.first * tck_ps_ + back_ps_;
    scheduled.push_back(&transfer);
    free_.push_back(static_cast<uint32_t>(burst.tag));
    --unfinished_;
  }
  controller.done.clear();
}

MemoryCounters CommandEngine::counters() const {
  MemoryCounters sum = requests_;
  for (const BurstLane& lane : lanes_) {
    MemoryCounters channel = lane.controller().counters();
    channel.read_requests = channel.write_requests = channel.bytes_read = channel.bytes_written = 0;
    sum += channel;
  }
  return sum;
}

}  // namespace duet::memory
