// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "duet/memory/command/refresh_policy.hpp"

namespace duet::memory {
namespace {

/// REFpb, one bank of each pseudo channel per interval, every bank once in a round. Within a round
/// the order is free (JESD235, JESD238): the policy takes a bank that nothing waits for, the most
/// recently used one, because a stream that has just left a bank comes back to it last. While every
/// bank left in the round is wanted, refreshes are owed, up to `postpone` all-bank intervals' worth.
class PerBankRefresh : public RefreshPolicy {
 public:
  PerBankRefresh(const core::DramStandard& standard, uint32_t postpone)
      : interval_(standard.timing.refi_per_bank),
        banks_(standard.organisation.banks_per_pseudo_channel()),
        recent_(standard.timing.rfc_per_bank / interval_ + 2),
        owed_max_(uint64_t{postpone} * standard.timing.refi) {
    const uint32_t pseudo_channels = standard.organisation.pseudo_channels;
    for (uint32_t unit = 0; unit < pseudo_channels; ++unit) {
      units_.push_back({.due = interval_ + interval_ * unit / pseudo_channels,
                        .left = BankSet(banks_ * pseudo_channels),
                        .order = {}});
      begin_round(unit);
    }
  }

  Cycle next_decision() const override {
    Cycle next = never;
    for (const Unit& unit : units_) {
      if (!unit.ordered) next = std::min(next, unit.decide_at);
    }
    return next;
  }

  void decide(Cycle now, const RefreshView& view, std::vector<RefreshOrder>& orders) override {
    for (uint32_t index = 0; index < units_.size(); ++index) {
      Unit& unit = units_[index];
      if (unit.ordered || now < unit.due || now < unit.decide_at) continue;
      const bool forced = now >= unit.due + owed_max_;
      const uint32_t bank = choose(index, view, forced);
      if (bank == none) {
        unit.decide_at = std::min(now + interval_ / 4 + 1, unit.due + owed_max_);
        continue;
      }
      unit.ordered = true;
      orders.push_back({.per_bank = true, .bank = bank});
    }
  }

  bool rest(Cycle until, const RefreshView& view, std::vector<RestRefresh>& done) override {
    const auto due_of = [&](const Unit& unit) {
      return unit.due < until ? (until - 1 - unit.due) / interval_ + 1 : 0;
    };
    // After this round and another one every bank has had its turn, and rounds are alike.
    const bool all = std::ranges::all_of(
        units_, [&](const Unit& unit) { return due_of(unit) >= unit.left_count + banks_ + recent_; });
    for (uint32_t index = 0; index < units_.size(); ++index) {
      Unit& unit = units_[index];
      if (all) skip(index, due_of(unit) - recent_, view.last_use());
      rest_some(index, due_of(unit), view.last_use(), done);
      unit.decide_at = unit.due;
    }
    std::ranges::stable_sort(done, {}, &RestRefresh::at);
    return all;
  }

  void issued(const RefreshOrder& order) override {
    const uint32_t index = order.bank / banks_;
    Unit& unit = units_[index];
    unit.ordered = false;
    unit.left.erase(order.bank);
    if (--unit.left_count == 0) begin_round(index);
    unit.due += interval_;
    unit.decide_at = unit.due;
  }

 private:
  static constexpr uint32_t none = ~uint32_t{0};
  struct Unit {
    Cycle due;
    Cycle decide_at = due;
    bool ordered = false;
    BankSet left;  ///< banks that this round has not refreshed yet
    uint32_t left_count = 0;
    std::vector<uint32_t> order;  ///< of what is left, while nothing waits
  };

  void rest_some(uint32_t index, Cycle refreshes, const std::vector<Cycle>& last_use,
                 std::vector<RestRefresh>& done) {
    Unit& unit = units_[index];
    sort(unit, last_use);
    size_t next = 0;
    for (; refreshes > 0; --refreshes) {
      const uint32_t bank = unit.order[next++];
      done.push_back({unit.due, {.per_bank = true, .bank = bank}});
      unit.due += interval_;
      unit.left.erase(bank);
      if (--unit.left_count != 0) continue;
      begin_round(index);
      sort(unit, last_use);
      next = 0;
    }
  }

  /// At least the rest of this round and another one: only what the last one has left matters.
  void skip(uint32_t index, Cycle refreshes, const std::vector<Cycle>& last_use) {
    Unit& unit = units_[index];
    unit.due += refreshes * interval_;
    const auto done_in_round = static_cast<uint32_t>((banks_ - unit.left_count + refreshes) % banks_);
    begin_round(index);
    sort(unit, last_use);
    unit.left_count -= done_in_round;
    for (uint32_t at = 0; at < done_in_round; ++at) unit.left.erase(unit.order[at]);
  }

  /// Banks left in the round, in the order of their refreshes while nothing waits: those used last first.
  static void sort(Unit& unit, const std::vector<Cycle>& last_use) {
    unit.order.clear();
    unit.left.for_each([&](uint32_t bank) { unit.order.push_back(bank); });
    std::ranges::stable_sort(unit.order, std::greater<>{}, [&](uint32_t bank) { return last_use[bank]; });
  }

  void begin_round(uint32_t index) {
    Unit& unit = units_[index];
    unit.left_count = banks_;
    for (uint32_t at = 0; at < banks_; ++at) unit.left.insert(index * banks_ + at);
  }

  [[nodiscard]] uint32_t choose(uint32_t index, const RefreshView& view, bool forced) const {
    const BankSet& left = units_[index].left;
    const std::vector<Cycle>& last_use = view.last_use();
    uint32_t best = none;
    left.for_each_without(view.wanted(false), view.wanted(true), [&](uint32_t bank) {
      if (best == none || last_use[bank] > last_use[best]) best = bank;
    });
    if (best != none || !forced) return best;
    left.for_each([&](uint32_t bank) {
      const auto better = [&] {
        const uint32_t mine = view.waiting(bank);
        const uint32_t other = view.waiting(best);
        return mine != other ? mine < other : last_use[bank] > last_use[best];
      };
      if (best == none || better()) best = bank;
    });
    return best;
  }

  Cycle interval_;
  uint32_t banks_;
  Cycle recent_;  ///< refreshes that may still be under way, or hold the next one up
  Cycle owed_max_;
  std::vector<Unit> units_;
};

}  // namespace

std::unique_ptr<RefreshPolicy> make_per_bank_refresh(const core::DramStandard& standard, uint32_t postpone) {
  return std::make_unique<PerBankRefresh>(standard, postpone);
}

}  // namespace duet::memory
