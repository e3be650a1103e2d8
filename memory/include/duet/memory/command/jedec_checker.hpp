// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/dram_standard.hpp"
#include "duet/memory/command/command.hpp"

namespace duet::memory {

/// A command that came too early or in the wrong state.
struct Violation {
  std::string_view rule;  ///< "tRCDRD", "open bank", ...
  Command command;
  Cycle distance = 0;  ///< clocks since the command that the rule counts from
  Cycle required = 0;
};

/// Watches the commands of one channel and reports each broken rule of the standard's timing table.
///
/// Written from the table, not from the scheduler: it keeps the history of commands and measures
/// distances backwards, where the scheduler keeps earliest times forwards. A command counts from the
/// last clock that it occupies on its bus.
class JedecChecker : public CommandObserver {
 public:
  /// `refresh_watched`: whether missing refreshes are violations too.
  explicit JedecChecker(const core::DramStandard& standard, bool refresh_watched = false);

  void on_command(const Command& command) override;
  /// Every violation up to the first thousand; the counts go on.
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }
  [[nodiscard]] const std::map<std::string_view, uint64_t>& counts() const { return counts_; }
  [[nodiscard]] uint64_t commands() const { return commands_; }
  /// "tRCDRD: 3 times, first RD at clock 17 bank ... 15 clocks after ACT, 16 required", or "none".
  [[nodiscard]] std::string report() const;

 private:
  static constexpr Cycle long_ago = ~Cycle{0};       // never happened
  using History = std::array<Cycle, command_kinds>;  // last clock of each kind, "seen" time
  struct Bank {
    History last = none();
    bool open = false;
    uint32_t row = 0;
    Cycle precharge = long_ago;  ///< when the bank's precharge began, also an automatic one
    uint64_t refreshed_in_round = 0;
  };
  struct Rank {
    History last = none();
    std::array<Cycle, 4> acts{long_ago, long_ago, long_ago, long_ago};  // newest first
    uint64_t refreshes = 0;
  };
  struct PseudoChannel {
    History last = none();
    Cycle data_end = 0;
    uint64_t bank_refreshes = 0;
  };
  static History none() {
    History history;
    history.fill(long_ago);
    return history;
  }

  [[nodiscard]] Cycle seen(const Command& command) const;
  void expect(std::string_view rule, const Command& command, Cycle since, Cycle required);
  void fail(std::string_view rule, const Command& command, Cycle distance = 0, Cycle required = 0);
  void check_bus(const Command& command);
  void check_act(const Command& command, Cycle now);
  void check_column(const Command& command, Cycle now);
  void check_precharge(const Command& command, Bank& bank, Cycle now);
  void check_refresh(const Command& command, Cycle now);
  void check_refresh_debt(const Command& command);
  void record(const Command& command, Cycle now);

  [[nodiscard]] uint32_t rank_of(const Command& command) const {
    return command.pseudo_channel * organisation_.ranks + command.rank;
  }
  [[nodiscard]] uint32_t group_of(const Command& command) const {
    return rank_of(command) * organisation_.bank_groups + command.bank_group;
  }
  [[nodiscard]] Bank& bank_of(const Command& command) {
    return banks_[group_of(command) * organisation_.banks_per_group + command.bank];
  }

  core::DramOrganisation organisation_;
  core::DramTiming t_;
  bool refresh_watched_;
  std::vector<Bank> banks_;
  std::vector<History> groups_;
  std::vector<Rank> ranks_;
  std::vector<PseudoChannel> pseudo_channels_;
  std::array<Cycle, 2> bus_end_{};  // row (or only) bus, column bus: first free clock
  uint64_t commands_ = 0;
  std::vector<Violation> violations_;
  std::map<std::string_view, uint64_t> counts_;
};

}  // namespace duet::memory
