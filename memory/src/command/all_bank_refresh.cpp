// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "duet/memory/command/refresh_policy.hpp"

namespace duet::memory {
namespace {

/// REFab of every rank once per tREFI. The ranks of a pseudo channel take turns; the pseudo channels
/// of a channel go together, so that an in-order stream over both is stopped once, not twice.
class AllBankRefresh : public RefreshPolicy {
 public:
  AllBankRefresh(const core::DramStandard& standard, uint32_t postpone)
      : interval_(standard.timing.refi),
        postpone_(postpone),
        banks_per_rank_(standard.organisation.banks_per_rank()) {
    const uint32_t ranks = standard.organisation.ranks;
    for (uint32_t unit = 0; unit < standard.organisation.pseudo_channels * ranks; ++unit)
      units_.push_back({.due = interval_ + interval_ * (unit % ranks) / ranks});
  }

  Cycle next_decision() const override {
    Cycle next = never;
    for (const Unit& unit : units_) {
      if (!unit.ordered) next = std::min(next, unit.decide_at);
    }
    return next;
  }

  void decide(Cycle now, const RefreshView& view, std::vector<RefreshOrder>& orders) override {
    for (uint32_t rank = 0; rank < units_.size(); ++rank) {
      Unit& unit = units_[rank];
      if (unit.ordered || unit.due > now) {
        if (!unit.ordered) unit.decide_at = unit.due;
        continue;
      }
      const bool forced = now >= unit.due + postpone_ * interval_;
      if (forced || !busy(rank, view)) {
        unit.ordered = true;
        orders.push_back({.per_bank = false, .rank = rank});
      } else {
        unit.decide_at = std::min(now + interval_ / 16, unit.due + postpone_ * interval_);
      }
    }
  }

  bool rest(Cycle until, const RefreshView&, std::vector<RestRefresh>& done) override {
    bool all = true;
    for (uint32_t rank = 0; rank < units_.size(); ++rank) {
      Unit& unit = units_[rank];
      all = all && unit.due < until;
      if (unit.due >= until) continue;
      unit.due += (until - 1 - unit.due) / interval_ * interval_;
      done.push_back({unit.due, {.per_bank = false, .rank = rank}});
      unit.decide_at = unit.due += interval_;
    }
    return all;
  }

  void issued(const RefreshOrder& order) override {
    Unit& unit = units_[order.rank];
    unit.ordered = false;
    unit.due += interval_;
    unit.decide_at = unit.due;
  }

 private:
  struct Unit {
    Cycle due;
    Cycle decide_at = due;
    bool ordered = false;
  };

  [[nodiscard]] bool busy(uint32_t rank, const RefreshView& view) const {
    for (uint32_t bank = rank * banks_per_rank_; bank < (rank + 1) * banks_per_rank_; ++bank) {
      if (view.waiting(bank) != 0) return true;
    }
    return false;
  }

  Cycle interval_;
  uint32_t postpone_;
  uint32_t banks_per_rank_;
  std::vector<Unit> units_;
};

}  // namespace

std::unique_ptr<RefreshPolicy> make_all_bank_refresh(const core::DramStandard& standard, uint32_t postpone) {
  return std::make_unique<AllBankRefresh>(standard, postpone);
}

}  // namespace duet::memory
