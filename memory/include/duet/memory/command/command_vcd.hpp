// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/core/dram_standard.hpp"
#include "duet/core/trace/vcd_writer.hpp"
#include "duet/memory/command/command.hpp"

namespace duet::memory {

/// Shows a channel in a VCD: the command on each bus while it lasts, the data bus of each pseudo
/// channel, and each bank's state (idle, active, refreshing) with its open row.
class CommandVcd : public CommandObserver {
 public:
  /// Adds its signals below `scope`; the writer must outlive this.
  CommandVcd(core::VcdWriter& writer, const std::string& scope, const core::DramStandard& standard);
  void on_command(const Command& command) override;

 private:
  struct Bank {
    core::VcdSignal state, row;
  };
  void set_bank(uint64_t time_ps, size_t bank, uint64_t state);

  core::VcdWriter& writer_;
  core::DramOrganisation organisation_;
  core::DramTiming timing_;
  core::VcdSignal row_bus_, column_bus_;
  std::vector<core::VcdSignal> data_bus_;
  std::vector<Bank> banks_;
};

}  // namespace duet::memory
