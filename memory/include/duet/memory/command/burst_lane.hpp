// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>

#include "duet/core/memory_description.hpp"
#include "duet/memory/command/channel_controller.hpp"

namespace duet::memory {

/// A channel's controller and the transfers that wait to enter it, as ranges of channel addresses that are
/// cut into bursts as entries of its queues come free. Bulk and small ranges wait apart and take turns.
class BurstLane {
 public:
  struct Part {
    uint32_t tag;           ///< of its bursts in `done`
    uint64_t address, end;  ///< channel addresses, whole bursts
    Cycle available;        ///< may enter the controller from this clock on
    bool write;
    bool small;
  };

  explicit BurstLane(const core::MemoryDescription& memory);

  void push(const Part& part);
  /// Works up to and including `limit`.
  void run(Cycle limit);
  /// Works until everything has been issued.
  void finish();
  /// Clock of what `run` does next; `never` when nothing waits.
  [[nodiscard]] Cycle next_event();
  [[nodiscard]] bool idle() const { return bulk_.empty() && small_.empty() && controller_.idle(); }
  /// Bytes of bulk ranges that have not entered the controller.
  [[nodiscard]] uint64_t bulk_backlog_bytes() const { return bulk_backlog_bytes_; }

  [[nodiscard]] ChannelController& controller() { return controller_; }
  [[nodiscard]] const ChannelController& controller() const { return controller_; }

 private:
  [[nodiscard]] Cycle feed_clock(const std::deque<Part>& parts) const;
  bool feed(Cycle limit);
  bool feed_from(std::deque<Part>& parts, Cycle limit);
  bool step(Cycle limit);

  ChannelController controller_;
  uint64_t burst_bytes_;
  std::deque<Part> bulk_, small_;
  uint64_t bulk_backlog_bytes_ = 0;
  uint32_t small_credit_ = 0;  ///< bulk bursts fed since the last small one
  Cycle advanced_ = 0;         ///< all commands before this clock have issued
  Cycle feed_clock_ = 0;
  uint32_t fed_in_clock_ = 0;
};

}  // namespace duet::memory
