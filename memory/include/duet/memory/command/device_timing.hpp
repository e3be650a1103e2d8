// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "duet/core/dram_standard.hpp"
#include "duet/memory/command/command.hpp"

namespace duet::memory {

/// Bank states of one channel and the earliest clock of each next command. Every rule is kept as
/// "not before" clocks at the level where it acts (bank, group, rank, pseudo channel, bus), so that
/// a question costs a few maxima and an issue a few stores.
///
/// Rules count from a command's last clock on its bus: what follows an ACT of two clocks is one
/// clock later, what precedes it one clock earlier.
class DeviceTiming {
 public:
  static constexpr int64_t closed = -1;

  explicit DeviceTiming(const core::DramStandard& standard);

  [[nodiscard]] uint32_t banks() const { return static_cast<uint32_t>(banks_.size()); }
  [[nodiscard]] uint32_t bank_index(uint32_t pseudo_channel, uint32_t rank, uint32_t group,
                                    uint32_t bank) const {
    return ((pseudo_channel * ranks_ + rank) * groups_ + group) * banks_per_group_ + bank;
  }
  [[nodiscard]] int64_t open_row(uint32_t bank) const { return banks_[bank].open_row; }
  [[nodiscard]] uint32_t rank_index(uint32_t bank) const { return banks_[bank].rank; }
  [[nodiscard]] uint32_t pseudo_channel_of(uint32_t bank) const { return banks_[bank].pseudo_channel; }
  [[nodiscard]] uint32_t rank_count() const { return static_cast<uint32_t>(rank_state_.size()); }
  [[nodiscard]] uint32_t banks_per_rank() const { return banks_per_rank_; }

  // Earliest clocks by what the bank itself did, and by all else.
  [[nodiscard]] Cycle own_act(uint32_t bank) const { return banks_[bank].act; }
  [[nodiscard]] Cycle own_pre(uint32_t bank) const { return banks_[bank].pre; }
  [[nodiscard]] Cycle own_column(uint32_t bank, bool write) const {
    const Bank& state = banks_[bank];
    return write ? std::max(state.wr, state.column.wr) : std::max(state.rd, state.column.rd);
  }
  [[nodiscard]] Cycle shared_act(uint32_t bank) const {
    const Bank& state = banks_[bank];
    const Rank& rank = rank_state_[state.rank];
    return std::max({groups_state_[state.group].act, rank.act, rank.act_window[rank.act_window_at],
                     refresh_guard_[state.pseudo_channel].act, row_bus()});
  }
  [[nodiscard]] Cycle shared_pre(uint32_t bank) const {
    return std::max(column_[banks_[bank].pseudo_channel].pre, row_bus());
  }
  [[nodiscard]] Cycle shared_column(uint32_t bank, bool write) const {
    const Bank& state = banks_[bank];
    const Column& pc = column_[state.pseudo_channel];
    const ReadWrite& group = groups_state_[state.group].column;
    const ReadWrite& bus = pc.last_rank == state.rank ? pc.same_rank : pc.other_rank;
    return write ? std::max({group.wr, bus.wr, column_bus()}) : std::max({group.rd, bus.rd, column_bus()});
  }
  [[nodiscard]] Cycle earliest_pre(uint32_t bank) const { return std::max(own_pre(bank), shared_pre(bank)); }
  /// No bank's next column command can be earlier.
  [[nodiscard]] Cycle column_bound(bool write) const {
    Cycle bound = ~Cycle{0};
    for (const Column& pc : column_)
      bound = std::min(
          {bound, write ? pc.same_rank.wr : pc.same_rank.rd, write ? pc.other_rank.wr : pc.other_rank.rd});
    return std::max(bound, column_bus());
  }
  /// PREA of a rank: when every open bank may be closed.
  [[nodiscard]] Cycle earliest_prea(uint32_t rank) const;
  /// REFab of a rank whose banks are all closed.
  [[nodiscard]] Cycle earliest_refab(uint32_t rank) const;
  /// REFpb of a closed bank.
  [[nodiscard]] Cycle earliest_refpb(uint32_t bank) const;
  [[nodiscard]] bool all_closed(uint32_t rank) const { return rank_state_[rank].open_banks == 0; }

  void act(Cycle at, uint32_t bank, uint32_t row);
  void column(Cycle at, uint32_t bank, bool write, bool auto_precharge);
  void pre(Cycle at, uint32_t bank);
  void prea(Cycle at, uint32_t rank);
  void refab(Cycle at, uint32_t rank);
  void refpb(Cycle at, uint32_t bank);

  /// No column command before `at`, or so many clocks later than otherwise.
  void hold_columns(Cycle at);
  void delay_columns(Cycle clocks);

  /// Last clock of a burst's data on the bus, after its column command.
  [[nodiscard]] Cycle data_end(Cycle at, bool write) const {
    return at + column_shift_ + (write ? timing_.write_latency : timing_.read_latency) + timing_.burst;
  }

 private:
  struct ReadWrite {
    Cycle rd = 0, wr = 0;
  };
  struct Bank {
    int64_t open_row = closed;
    Cycle act = 0, pre = 0, rd = 0, wr = 0, refresh = 0;
    ReadWrite column;                                  // long rules, where they hold within a bank
    uint32_t group = 0, rank = 0, pseudo_channel = 0;  // where it lies, over all of the channel
  };
  struct Group {
    Cycle act = 0;
    ReadWrite column;
  };
  struct Rank {
    Cycle act = 0, refresh = 0;
    std::array<Cycle, 4> act_window{};  // clocks from which a fifth ACT is allowed
    uint32_t act_window_at = 0;
    uint32_t open_banks = 0;
  };
  struct Column {  // per pseudo channel
    ReadWrite same_rank, other_rank;
    uint32_t last_rank = 0;
    Cycle pre = 0;
  };
  struct RefreshGuard {  // per pseudo channel, tRREFD
    Cycle act = 0, refresh = 0;
  };

  [[nodiscard]] Cycle row_bus() const { return bus_free_[0]; }
  [[nodiscard]] Cycle column_bus() const { return bus_free_[column_bus_index_]; }
  void use_row_bus(Cycle at, uint32_t clocks) { bus_free_[0] = at + clocks; }
  void use_column_bus(Cycle at, uint32_t clocks) { bus_free_[column_bus_index_] = at + clocks; }
  void close(uint32_t bank, Cycle precharged);

  core::DramTiming timing_;
  uint32_t ranks_, groups_, banks_per_group_, banks_per_rank_;
  bool long_scope_is_bank_;
  uint32_t act_shift_, column_shift_;
  uint32_t column_bus_index_;
  std::array<Cycle, 2> bus_free_{};
  std::vector<Bank> banks_;
  std::vector<Group> groups_state_;
  std::vector<Rank> rank_state_;
  std::vector<Column> column_;
  std::vector<RefreshGuard> refresh_guard_;
};

}  // namespace duet::memory
