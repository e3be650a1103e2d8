// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/memory/bulk_queue.hpp"
#include "duet/memory/command/burst_lane.hpp"
#include "duet/memory/memory_counters.hpp"
#include "duet/memory/transfer.hpp"

namespace duet::memory {

/// The `command` level of a node: every transfer is split into bursts, and each channel's controller
/// works them off command by command. Transfers that share a channel take turns of one interleave
/// granule each.
///
/// What the idle latency holds beside the device (controller front end, PHY) lies half before the
/// channels and half behind them. The front half is also how far the channels may be simulated
/// ahead of the kernel, because nothing that arrives later can reach them earlier.
class CommandEngine : public TransferEngine {
 public:
  explicit CommandEngine(const core::MemoryDescription& memory);

  void submit(Transfer& transfer) override;
  [[nodiscard]] uint64_t next_event_ps() const override { return unfinished_ == 0 ? never_ps : next_ps_; }
  void advance(uint64_t now_ps) override;
  [[nodiscard]] MemoryCounters counters() const;
  [[nodiscard]] size_t channels() const { return lanes_.size(); }
  [[nodiscard]] ChannelController& channel(size_t index) { return lanes_[index].controller(); }

 private:
  struct Active {
    Transfer* transfer = nullptr;
    uint64_t bursts_left = 0;
    Cycle first = never, last = 0;
  };

  void split(Transfer& transfer, bool small);
  void dispatch_bulk();
  void collect(ChannelController& controller);

  uint64_t tck_ps_, burst_bytes_, interleave_;
  uint64_t front_ps_, back_ps_, write_latency_ps_;
  std::deque<BurstLane> lanes_;
  BulkQueue bulk_;
  uint64_t bulk_backlog_wanted_;  ///< bytes dispatched, but not yet in a controller's queue
  std::vector<Active> active_;
  std::vector<uint32_t> free_;
  size_t unfinished_ = 0;
  uint64_t next_ps_ = 0;
  MemoryCounters requests_;
};

}  // namespace duet::memory
