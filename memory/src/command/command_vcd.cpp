// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/command_vcd.hpp"

#include <fmt/format.h>

namespace duet::memory {
namespace {

enum BankState : uint64_t { idle, active, refreshing };
enum BusState : uint64_t { quiet, first_command };  // then one state a command kind

std::vector<std::string> bus_states() {
  std::vector<std::string> names{"-"};
  for (const std::string_view name : command_names) names.emplace_back(name);
  return names;
}

}  // namespace

CommandVcd::CommandVcd(core::VcdWriter& writer, const std::string& scope, const core::DramStandard& standard)
    : writer_(writer), organisation_(standard.organisation), timing_(standard.timing) {
  const bool split = timing_.split_command_bus;
  row_bus_ = writer.add_state(scope, split ? "row_commands" : "commands", bus_states());
  column_bus_ = split ? writer.add_state(scope, "column_commands", bus_states()) : row_bus_;
  for (uint32_t pc = 0; pc < organisation_.pseudo_channels; ++pc)
    data_bus_.push_back(
        writer.add_state(fmt::format("{}.pc[{}]", scope, pc), "data", {"-", "read", "write"}));
  for (uint32_t pc = 0; pc < organisation_.pseudo_channels; ++pc) {
    for (uint32_t bank = 0; bank < organisation_.banks_per_pseudo_channel(); ++bank) {
      const uint32_t in_rank = bank % organisation_.banks_per_rank();
      const std::string name =
          fmt::format("{}.pc[{}].rank[{}].bg[{}].bank[{}]", scope, pc, bank / organisation_.banks_per_rank(),
                      in_rank / organisation_.banks_per_group, in_rank % organisation_.banks_per_group);
      banks_.push_back({writer.add_state(name, "state", {"idle", "active", "refreshing"}),
                        writer.add_signal(name, "row", 32)});
      writer.change(0, banks_.back().state, idle);
    }
  }
  writer.change(0, row_bus_, quiet);
  if (split) writer.change(0, column_bus_, quiet);
  for (const core::VcdSignal signal : data_bus_) writer.change(0, signal, quiet);
}

void CommandVcd::set_bank(uint64_t time_ps, size_t bank, uint64_t state) {
  writer_.change(time_ps, banks_[bank].state, state);
}

void CommandVcd::on_command(const Command& command) {
  const uint64_t clock_ps = timing_.tck_ps;
  const uint64_t now_ps = command.cycle * clock_ps;
  const bool column = is_column(command.kind);
  const uint64_t clocks = command.kind == CommandKind::act ? timing_.act_bus_clocks
                          : column                         ? timing_.column_bus_clocks
                                                           : 1;
  const core::VcdSignal bus = column ? column_bus_ : row_bus_;
  writer_.change(now_ps, bus, first_command + static_cast<uint64_t>(command.kind));
  writer_.schedule(now_ps + clocks * clock_ps, bus, quiet);

  const uint32_t rank = command.pseudo_channel * organisation_.ranks + command.rank;
  const uint32_t first = rank * organisation_.banks_per_rank();
  const uint32_t bank = first + command.bank_group * organisation_.banks_per_group + command.bank;
  const uint64_t seen_ps = now_ps + (clocks - 1) * clock_ps;
  switch (command.kind) {
    case CommandKind::act:
      set_bank(now_ps, bank, active);
      writer_.change(now_ps, banks_[bank].row, command.row);
      break;
    case CommandKind::pre:
      set_bank(now_ps, bank, idle);
      break;
    case CommandKind::prea:
      for (uint32_t at = 0; at < organisation_.banks_per_rank(); ++at) set_bank(now_ps, first + at, idle);
      break;
    case CommandKind::refab:
      for (uint32_t at = 0; at < organisation_.banks_per_rank(); ++at) {
        set_bank(now_ps, first + at, refreshing);
        writer_.schedule(now_ps + timing_.rfc_all_bank * clock_ps, banks_[first + at].state, idle);
      }
      break;
    case CommandKind::refpb:
      set_bank(now_ps, bank, refreshing);
      writer_.schedule(now_ps + timing_.rfc_per_bank * clock_ps, banks_[bank].state, idle);
      break;
    default: {
      const bool read = is_read(command.kind);
      const uint64_t begin_ps = seen_ps + (read ? timing_.read_latency : timing_.write_latency) * clock_ps;
      writer_.schedule(begin_ps, data_bus_[command.pseudo_channel], read ? 1 : 2);
      writer_.schedule(begin_ps + timing_.burst * clock_ps, data_bus_[command.pseudo_channel], quiet);
      if (command.kind == CommandKind::rda || command.kind == CommandKind::wra) {
        const uint64_t recovery = read ? timing_.rtp : timing_.write_latency + timing_.burst + timing_.wr;
        writer_.schedule(seen_ps + recovery * clock_ps, banks_[bank].state, idle);
      }
    }
  }
}

}  // namespace duet::memory
