// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace duet::memory {

/// Clocks of the DRAM's command bus since time 0.
using Cycle = uint64_t;
inline constexpr Cycle never = ~Cycle{0};

enum class CommandKind : uint8_t { act, rd, rda, wr, wra, pre, prea, refab, refpb };
inline constexpr size_t command_kinds = 9;
inline constexpr std::array<std::string_view, command_kinds> command_names{
    "ACT", "RD", "RDA", "WR", "WRA", "PRE", "PREA", "REFAB", "REFPB"};

constexpr bool is_read(CommandKind kind) {
  return kind == CommandKind::rd || kind == CommandKind::rda;
}
constexpr bool is_write(CommandKind kind) {
  return kind == CommandKind::wr || kind == CommandKind::wra;
}
constexpr bool is_column(CommandKind kind) {
  return is_read(kind) || is_write(kind);
}

/// One command on a channel's bus. `bank_group` and `bank` mean nothing for PREA and REFAB.
struct Command {
  Cycle cycle = 0;  ///< first clock on the bus
  CommandKind kind = CommandKind::act;
  uint32_t pseudo_channel = 0;
  uint32_t rank = 0;
  uint32_t bank_group = 0;
  uint32_t bank = 0;
  uint32_t row = 0;
  uint32_t column = 0;
};

/// Sees every command of a channel as it issues, in order of time: checker, traces, statistics.
class CommandObserver {
 public:
  virtual ~CommandObserver() = default;
  virtual void on_command(const Command& command) = 0;
};

}  // namespace duet::memory
