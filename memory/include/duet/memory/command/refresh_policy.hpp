// SPDX-License-Identifier: Apache-2.0
#pragma once
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

/// A refresh while nothing waits.
struct RestRefresh {
  Cycle at;
  RefreshOrder order;
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
  /// Nothing waits until `until`, and nothing is ordered: adds what is due before then, carried out, to
  /// `done`; true when every bank had its turn, of which `done` holds only the last ones.
  virtual bool rest(Cycle until, const RefreshView& view, std::vector<RestRefresh>& done) = 0;
  /// The order was carried out.
  virtual void issued(const RefreshOrder& order) = 0;
};

std::unique_ptr<RefreshPolicy> make_no_refresh();
std::unique_ptr<RefreshPolicy> make_all_bank_refresh(const core::DramStandard& standard, uint32_t postpone);
std::unique_ptr<RefreshPolicy> make_per_bank_refresh(const core::DramStandard& standard, uint32_t postpone);
std::unique_ptr<RefreshPolicy> make_refresh_policy(const core::MemoryDescription& memory,
                                                   const core::DramStandard& standard);

}  // namespace duet::memory
