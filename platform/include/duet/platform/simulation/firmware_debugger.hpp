// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <string>

#include "duet/models/riscv/gdb_server.hpp"
#include "duet/platform/simulation/firmware_driver.hpp"
#include "duet/platform/simulation/simulation.hpp"

namespace duet::platform {

/// A GDB server for the firmware of one package of a simulation, whose `monitor` commands also know the
/// package.
class FirmwareDebugger {
 public:
  /// Must be made before time 0. Waits for a debugger at the first instruction, at most `patience`.
  /// Throws core::UserError when the package's driver is no firmware or the endpoint cannot be opened.
  FirmwareDebugger(Simulation& simulation, unsigned package, const std::string& endpoint,
                   std::chrono::milliseconds patience);

  [[nodiscard]] const std::string& endpoint() const { return server_.endpoint(); }
  [[nodiscard]] const std::string& elf() const { return elf_; }

 private:
  std::string elf_;
  models::riscv::GdbServer server_;
};

/// The firmware that drives a package, or null.
FirmwareDriver* firmware_of(Simulation& simulation, unsigned package);

}  // namespace duet::platform
