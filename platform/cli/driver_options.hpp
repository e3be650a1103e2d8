// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "duet/platform/run/run_request.hpp"
#include "duet/platform/simulation/firmware_driver.hpp"

namespace duet::platform {

/// Options of commands that let the driver run somewhere else than inside the simulator.
struct DriverOptions {
  std::string kind;
  std::string elf;
  std::string gdb;
  std::string cosim;
};

void add_driver_options(CLI::App& command, DriverOptions& options);

/// Changes the request's platform as the options say and lets the observer attach debuggers, print the memory
/// maps of boards and tell where somebody can connect. Remarks go to standard error, and none if
/// `machine_output` or quiet. Throws core::UserError.
void apply_driver_options(const DriverOptions& options, RunRequest& request, RunObserver& observer,
                          bool machine_output);

/// Prints the board's memory map to standard error.
void show_board(FirmwareDriver& driver, const std::string& package);

/// Lets GDB attach and says on standard error how.
std::shared_ptr<void> wait_for_debugger(Simulation& simulation, unsigned package,
                                        const std::string& endpoint);

/// "1234" means TCP port 1234.
std::string endpoint_of(const std::string& option, const std::string& text);

}  // namespace duet::platform
