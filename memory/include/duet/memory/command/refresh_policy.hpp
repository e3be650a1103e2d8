// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/memory/command/command.hpp"
#include "duet/memory/command/request_queue.hpp"

namespace duet::memory {

/// What a refresh policy may know of the controller.
class RefreshView {
 public:
  virtual ~RefreshView() = default;
  /// Requests waiting for a bank, reads and writes.
  [[nodiscard]] virtual uint32_t waiting(uint32_t bank) const = 0;
  /// Banks that a read, or a write, waits for.
  [[nodiscard]] virtual const BankSet& wanted(bool write) const = 0;
  /// Clock of each bank's last column command.
  [[nodiscard]] virtual const std::vector<Cycle>& last_use() const = 0;
  [[nodiscard]] virtual bool closed(uint32_t bank) const = 0;
};

/// Refreshes that the policy wants now; the controller closes the banks, blocks them for requests
/// and issues the command as soon as the timing allows.
struct RefreshOrder {
  bool per_bank = false;
  uint32_t rank = 0;  ///< DeviceTiming's rank index, for all-bank
  uint32_t bank = 0;  ///< DeviceTiming's bank index, for per-bank
};

/// When to refresh what. Refreshes may be owed: no more than the standard allows to postpone.
class RefreshPolicy {
 public:
  virtual ~RefreshPolicy() = default;
  /// The next clock at which `order` may have something new to say; `never` without refresh.
  [[nodiscard]] virtual Cycle next_decision() const = 0;
  /// Adds to `orders` what to start at `now`. Called at next_decision and when queues change while
  /// a refresh is owed.
  virtual void decide(Cycle now, const RefreshView& view, std::vector<RefreshOrder>& orders) = 0;
  /// Passes over rounds (of all banks) that are complete long before `at`, with nothing ordered; false when
  /// there is none.
  virtual bool skip_rounds(Cycle at) = 0;
  /// The order was carried out.
  virtual void issued(const RefreshOrder& order) = 0;
};

/// Moves the units of a policy (`due`, `decide_at`) on by whole rounds, so that less than two are left
/// until `at`; false when that is so already.
template <class Unit>
bool skip(std::vector<Unit>& units, Cycle round, Cycle at) {
  Cycle due = 0;
  for (const Unit& unit : units) due = std::max(due, unit.due);
  if (at < due + 2 * round) return false;
  const Cycle skipped = ((at - due) / round - 1) * round;
  for (Unit& unit : units) unit.decide_at = unit.due += skipped;
  return true;
}

std::unique_ptr<RefreshPolicy> make_no_refresh();
std::unique_ptr<RefreshPolicy> make_all_bank_refresh(const core::DramStandard& standard, uint32_t postpone);
std::unique_ptr<RefreshPolicy> make_per_bank_refresh(const core::DramStandard& standard, uint32_t postpone);
std::unique_ptr<RefreshPolicy> make_refresh_policy(const core::MemoryDescription& memory,
                                                   const core::DramStandard& standard);

}  // namespace duet::memory
