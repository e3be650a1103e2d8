// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/device_timing.hpp"

namespace duet::memory {
namespace {

void raise(Cycle& earliest, Cycle at) {
  earliest = std::max(earliest, at);
}

/// at - shift, not below 0.
Cycle less(Cycle at, uint32_t shift) {
  return at > shift ? at - shift : 0;
}

}  // namespace

DeviceTiming::DeviceTiming(const core::DramStandard& standard)
    : timing_(standard.timing),
      ranks_(standard.organisation.ranks),
      groups_(standard.organisation.bank_groups),
      banks_per_group_(standard.organisation.banks_per_group),
      banks_per_rank_(standard.organisation.banks_per_rank()),
      long_scope_is_bank_(standard.timing.long_scope_is_bank),
      act_shift_(standard.timing.act_bus_clocks - 1),
      column_shift_(standard.timing.column_bus_clocks - 1),
      column_bus_index_(standard.timing.split_command_bus ? 1 : 0) {
  const uint32_t pseudo_channels = standard.organisation.pseudo_channels;
  banks_.resize(size_t{pseudo_channels} * ranks_ * banks_per_rank_);
  for (uint32_t bank = 0; bank < banks(); ++bank) {
    banks_[bank].group = bank / banks_per_group_;
    banks_[bank].rank = bank / banks_per_rank_;
    banks_[bank].pseudo_channel = bank / (banks_per_rank_ * ranks_);
  }
  groups_state_.resize(size_t{pseudo_channels} * ranks_ * groups_);
  rank_state_.resize(size_t{pseudo_channels} * ranks_);
  column_.resize(pseudo_channels);
  refresh_guard_.resize(pseudo_channels);
}

Cycle DeviceTiming::earliest_prea(uint32_t rank) const {
  Cycle earliest = std::max(column_[rank / ranks_].pre, row_bus());
  for (uint32_t bank = rank * banks_per_rank_; bank < (rank + 1) * banks_per_rank_; ++bank) {
    if (banks_[bank].open_row != closed) raise(earliest, banks_[bank].pre);
  }
  return earliest;
}

Cycle DeviceTiming::earliest_refab(uint32_t rank) const {
  Cycle earliest = std::max(rank_state_[rank].refresh, row_bus());
  for (uint32_t bank = rank * banks_per_rank_; bank < (rank + 1) * banks_per_rank_; ++bank)
    raise(earliest, banks_[bank].refresh);
  return earliest;
}

Cycle DeviceTiming::earliest_refpb(uint32_t bank) const {
  return std::max({banks_[bank].refresh, rank_state_[rank_index(bank)].refresh,
                   refresh_guard_[pseudo_channel_of(bank)].refresh, row_bus()});
}

void DeviceTiming::act(Cycle at, uint32_t bank, uint32_t row) {
  const Cycle seen = at + act_shift_;
  Bank& state = banks_[bank];
  state.open_row = row;
  raise(state.act, at + timing_.rc);
  raise(state.pre, seen + timing_.ras);
  raise(state.rd, less(seen + timing_.rcd_read, column_shift_));
  raise(state.wr, less(seen + timing_.rcd_write, column_shift_));
  raise(groups_state_[state.group].act, at + timing_.rrd_l);
  Rank& rank = rank_state_[rank_index(bank)];
  raise(rank.act, at + timing_.rrd_s);
  raise(rank.refresh, seen + timing_.rrd_l);
  if (timing_.faw != 0) {
    rank.act_window[rank.act_window_at] = at + timing_.faw;
    rank.act_window_at = (rank.act_window_at + 1) % 4;
  }
  ++rank.open_banks;
  use_row_bus(at, timing_.act_bus_clocks);
}

void DeviceTiming::column(Cycle at, uint32_t bank, bool write, bool auto_precharge) {
  const core::DramTiming& t = timing_;
  const Cycle seen = at + column_shift_;
  Bank& state = banks_[bank];
  Column& pc = column_[pseudo_channel_of(bank)];
  ReadWrite& long_scope = long_scope_is_bank_ ? state.column : groups_state_[state.group].column;
  const uint32_t ccd_r = t.ccd_r != 0 ? t.ccd_r : t.ccd_s;
  pc.last_rank = rank_index(bank);
  if (write) {
    const Cycle data_end = t.write_latency + t.burst;
    raise(long_scope.wr, at + t.ccd_l);
    raise(long_scope.rd, at + data_end + t.wtr_l);
    pc.same_rank.wr = at + t.ccd_s;
    pc.other_rank.wr = at + ccd_r;
    raise(pc.same_rank.rd, at + data_end + t.wtr_s);
    raise(pc.other_rank.rd, at + data_end + t.wtr_s);
    raise(state.pre, seen + data_end + t.wr);
  } else {
    raise(long_scope.rd, at + t.ccd_l);
    raise(pc.same_rank.rd, at + t.ccd_s);
    raise(pc.other_rank.rd, at + ccd_r);
    raise(pc.same_rank.wr, at + t.rd_to_wr);
    raise(pc.other_rank.wr, at + t.rd_to_wr);
    raise(state.pre, seen + t.rtp);
  }
  use_column_bus(at, t.column_bus_clocks);
  if (auto_precharge) close(bank, state.pre);
}

void DeviceTiming::close(uint32_t bank, Cycle precharge) {
  Bank& state = banks_[bank];
  if (state.open_row != closed) --rank_state_[rank_index(bank)].open_banks;
  state.open_row = closed;
  raise(state.act, less(precharge + timing_.rp, act_shift_));
  raise(state.refresh, precharge + timing_.rp);
}

void DeviceTiming::pre(Cycle at, uint32_t bank) {
  close(bank, at);
  raise(column_[pseudo_channel_of(bank)].pre, at + timing_.ppd);
  use_row_bus(at, 1);
}

void DeviceTiming::prea(Cycle at, uint32_t rank) {
  for (uint32_t bank = rank * banks_per_rank_; bank < (rank + 1) * banks_per_rank_; ++bank) {
    if (banks_[bank].open_row != closed) close(bank, at);
  }
  raise(column_[rank / ranks_].pre, at + timing_.ppd);
  use_row_bus(at, 1);
}

void DeviceTiming::refab(Cycle at, uint32_t rank) {
  for (uint32_t bank = rank * banks_per_rank_; bank < (rank + 1) * banks_per_rank_; ++bank) {
    raise(banks_[bank].act, less(at + timing_.rfc_all_bank, act_shift_));
    raise(banks_[bank].refresh, at + timing_.rfc_all_bank);
  }
  use_row_bus(at, 1);
}

void DeviceTiming::refpb(Cycle at, uint32_t bank) {
  raise(banks_[bank].act, less(at + timing_.rfc_per_bank, act_shift_));
  raise(banks_[bank].refresh, at + timing_.rfc_per_bank);
  RefreshGuard& guard = refresh_guard_[pseudo_channel_of(bank)];
  raise(guard.refresh, at + timing_.rrefd);
  raise(guard.act, less(at + timing_.rrefd, act_shift_));
  use_row_bus(at, 1);
}

void DeviceTiming::hold_columns(Cycle at) {
  for (Column& pc : column_) {
    for (ReadWrite* scope : {&pc.same_rank, &pc.other_rank}) {
      raise(scope->rd, at);
      raise(scope->wr, at);
    }
  }
}

void DeviceTiming::delay_columns(Cycle clocks) {
  for (Column& pc : column_) {
    for (ReadWrite* scope : {&pc.same_rank, &pc.other_rank}) {
      scope->rd += clocks;
      scope->wr += clocks;
    }
  }
}

}  // namespace duet::memory
