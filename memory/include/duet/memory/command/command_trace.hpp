// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ostream>

#include "duet/core/dram_standard.hpp"
#include "duet/memory/command/command.hpp"

namespace duet::memory {

/// Writes each command as a line of text: `<clock> <ps> <command> pc<n> rank<n> bg<n> bank<n> row <n>
/// column <n>`, with the fields that the command has.
class CommandTextTrace : public CommandObserver {
 public:
  CommandTextTrace(std::ostream& output, const core::DramStandard& standard)
      : output_(output), tck_ps_(standard.timing.tck_ps) {}
  void on_command(const Command& command) override;

 private:
  std::ostream& output_;
  uint32_t tck_ps_;
};

}  // namespace duet::memory
