// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "duet/core/memory_description.hpp"
#include "duet/memory/command/request_queue.hpp"

namespace duet::memory {

/// Chooses which request each bank works for. Among the banks the controller issues the command
/// that is ready first, the older request's on a tie.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  /// The request of `bank` whose next command may issue, or RequestQueue::none. Must not depend on
  /// anything but the arguments, because the controller asks only when one of them changed.
  [[nodiscard]] virtual uint32_t choose(const RequestQueue& queue, uint32_t bank, int64_t open_row,
                                        Cycle now) const = 0;
  /// True when the choice for one bank depends on other banks' requests: the controller then asks
  /// again for all banks after each change. When false, a bank's oldest request that hits its open row is
  /// taken without asking.
  [[nodiscard]] virtual bool couples_banks() const { return false; }
};

/// In order of acceptance over all banks.
std::unique_ptr<Scheduler> make_fcfs_scheduler();
/// Row hits before older requests of the same bank, until the oldest is `starvation` clocks old.
std::unique_ptr<Scheduler> make_frfcfs_scheduler(Cycle starvation);
std::unique_ptr<Scheduler> make_scheduler(const core::MemoryDescription& memory);

}  // namespace duet::memory
