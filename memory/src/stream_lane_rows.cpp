// SPDX-License-Identifier: Apache-2.0
// What happens to the rows of a lane's banks: who opens, shares and refreshes them.
#include <algorithm>

#include "duet/core/rounding.hpp"
#include "duet/memory/stream_lane.hpp"

namespace duet::memory {

/// A visit that enters the queue before its rows close for others goes before those: they wait as much
/// longer.
bool StreamLane::join(const Visit& visit, const Target& target) {
  std::array<uint32_t, 32> at;
  bool older = false;
  for (uint32_t index = 0; index < target.count; ++index) {
    const auto& epochs = banks_[target.banks[index]].epochs;
    uint32_t epoch = 0;
    while (epoch < remembered_epochs && epochs[epoch].row != target.row) ++epoch;
    if (epoch == remembered_epochs) return false;
    if (epoch > 0) {
      const Epoch& next = epochs[epoch - 1];
      const int64_t closes_ps = next.open_ps - costs_.of(next.write).open_ps - costs_.precharge_ps;
      if (visit.entry_ps >= closes_ps || epochs[epoch].end_ps < phase_ps_) return false;
      older = true;
    }
    at[index] = epoch;
  }
  if (!older) return false;
  const int64_t work_ps = core::round_to_int(visit.bursts * costs_.burst_ps);
  int64_t start_ps = visit.entry_ps;
  for (uint32_t index = 0; index < target.count; ++index)
    start_ps = std::max(start_ps, banks_[target.banks[index]].epochs[at[index]].end_ps);
  const int64_t last_ps = start_ps + work_ps;
  for (uint32_t index = 0; index < target.count; ++index) {
    auto& epochs = banks_[target.banks[index]].epochs;
    const int64_t shift = last_ps - epochs[at[index]].end_ps;
    epochs[at[index]].end_ps = last_ps;
    for (uint32_t newer = 0; newer < at[index]; ++newer) {
      epochs[newer].open_ps += shift;
      epochs[newer].end_ps += shift;
    }
  }
  for (Gap& gap : gaps_) {
    if (gap.end_ps <= start_ps) continue;
    gap.start_ps += work_ps;
    gap.end_ps += work_ps;
  }
  bus_ps_ += work_ps;
  count(visit.bursts, 0, visit.write);
  window_of(visit).add(visit.bursts, static_cast<int64_t>(costs_.burst_ps), last_ps);
  done(visit, start_ps, last_ps);
  return true;
}

/// One pseudo channel's bank is not ready before `open_ps`.
void StreamLane::wait(uint32_t bank, int64_t open_ps, double part) {
  banks_[bank].late_end_ps = open_ps + alone_ps(part);
  late_.push_back({bank, false, open_ps, banks_[bank].late_end_ps, part / costs_.pseudo_channels});
}

/// First column command of a row that is wanted from `entry_ps` on.
int64_t StreamLane::open_row(uint32_t number, int64_t row, const Visit& visit, int64_t entry_ps,
                             double part) {
  Bank& bank = banks_[number];
  Epoch& now = bank.epochs[0];
  if (now.row == row) {
    if (bank.late_end_ps > std::max(entry_ps, bus_ps_)) wait(number, bank.late_end_ps, part);
    return std::max({entry_ps, now.open_ps, now.end_ps});
  }
  const StreamCosts::Direction& direction = costs_.of(visit.write);
  // The controller opens rows only for the direction it serves: now, or when it did so last.
  if (entry_ps >= other_phase_ps_) entry_ps = std::max(entry_ps, phase_ps_);
  int64_t ready_ps = entry_ps;
  // The pseudo channels are refreshed one after the other: both wait for the first, and one for the second.
  int64_t late_ps = *std::ranges::max_element(bank.refreshed_ps);
  if (now.row < 0) {
    if (bank.closed_row >= 0 && bank.closed_row != row) ready_ps += costs_.precharge_ps;
    ready_ps = std::max(
        ready_ps,
        bank.refreshed_ps[costs_.pseudo_channels == 1 ? 0 : bank.refreshed_ps[1] < bank.refreshed_ps[0]]);
  } else {
    ready_ps = std::max(entry_ps, now.end_ps + costs_.of(now.write).close_ps) + costs_.precharge_ps;
    late_ps = bank.late_end_ps + costs_.of(now.write).close_ps + costs_.precharge_ps;
    ready_ps = std::max(ready_ps, now.open_ps - costs_.of(now.write).open_ps + costs_.row_cycle_ps);
  }
  Rank& rank = ranks_[number / costs_.banks_per_rank];
  const int64_t last_ps = rank.act_ps[(rank.next + 3) % 4];
  // The place among the ACTs is taken in the order of entry; one that waits for its bank lets others go
  // first.
  int64_t act_ps = std::max({entry_ps, last_ps + costs_.act_spacing_ps, row_bus_ps_});
  act_ps = std::max(act_ps, rank.act_ps[rank.next] + costs_.act_window_ps);
  rank.act_ps[rank.next] = act_ps;
  rank.next = (rank.next + 1) % 4;
  row_bus_ps_ = act_ps + costs_.act_bus_ps;
  act_ps = std::max(act_ps, ready_ps);
  std::move_backward(bank.epochs.begin(), bank.epochs.end() - 1, bank.epochs.end());
  now = {.row = row, .open_ps = act_ps + direction.open_ps, .end_ps = 0, .write = visit.write};
  ++opened_;
  if (costs_.pseudo_channels > 1 && late_ps > act_ps) wait(number, late_ps + direction.open_ps, part);
  return now.open_ps;
}

void StreamLane::used(uint32_t bank) {
  if (refreshes_.empty()) return;
  recent_.move_to_front(bank);
  for (Refresh& unit : refreshes_) {
    if (unit.left.contains(bank)) unit.left.move_to_front(bank);
  }
}

/// REFpb of the bank that was used last and that nothing waits for, once an interval in each pseudo channel.
void StreamLane::refresh(int64_t until_ps) {
  const auto interval = static_cast<int64_t>(costs_.refresh_interval_ps);
  const int64_t round = interval * costs_.banks;
  for (size_t index = 0; index < refreshes_.size(); ++index) {
    Refresh& unit = refreshes_[index];
    if (until_ps - unit.due_ps > round) {  // a long pause: every bank had its turn
      for (Bank& bank : banks_) close(bank, index, unit.due_ps);
      unit.due_ps += (until_ps - unit.due_ps) / round * round;
    }
    while (unit.due_ps <= until_ps) {
      const auto free_at = [&](int64_t at_ps) {
        uint32_t bank = unit.left.begin();
        while (bank != unit.left.end() && banks_[bank].epochs[0].end_ps > at_ps) bank = unit.left.next(bank);
        return bank;
      };
      uint32_t at = free_at(unit.due_ps);
      if (at == unit.left.end()) at = free_at(until_ps);
      if (at == unit.left.end()) break;
      // One that is in use now is refreshed when it is left.
      close(banks_[at], index, std::max(unit.due_ps, banks_[at].epochs[0].end_ps));
      unit.left.erase(at);
      if (unit.left.empty()) unit.left = recent_;  // all have a turn again
      unit.due_ps += interval;
    }
  }
}

void StreamLane::close(Bank& bank, size_t unit, int64_t due_ps) {
  const Epoch& last = bank.epochs[0];
  int64_t start = due_ps;
  if (last.row >= 0 || bank.closed_row >= 0)
    start = std::max(start, last.end_ps + costs_.of(last.write).close_ps) + costs_.precharge_ps;
  bank.refreshed_ps[unit] = start + costs_.refresh_busy_ps;
  bank.closed_row = refreshes_.size() > 1 ? last.row : -1;
  bank.epochs[0].row = -1;
}

}  // namespace duet::memory
