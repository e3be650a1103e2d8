// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/command_trace.hpp"

#include <fmt/format.h>

namespace duet::memory {

void CommandTextTrace::on_command(const Command& command) {
  fmt::memory_buffer line;
  const auto out = std::back_inserter(line);
  fmt::format_to(out, "{} {} {} pc{} rank{}", command.cycle, command.cycle * tck_ps_,
                 command_names[static_cast<size_t>(command.kind)], command.pseudo_channel, command.rank);
  if (command.kind != CommandKind::prea && command.kind != CommandKind::refab)
    fmt::format_to(out, " bg{} bank{}", command.bank_group, command.bank);
  if (command.kind == CommandKind::act || is_column(command.kind))
    fmt::format_to(out, " row {}", command.row);
  if (is_column(command.kind)) fmt::format_to(out, " column {}", command.column);
  line.push_back('\n');
  output_.write(line.data(), static_cast<std::streamsize>(line.size()));
}

}  // namespace duet::memory
