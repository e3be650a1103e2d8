// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/simulation/firmware_debugger.hpp"

#include <fmt/format.h>

#include "duet/core/error.hpp"
#include "duet/core/statistics.hpp"

namespace duet::platform {
namespace {

FirmwareDriver& firmware(Simulation& simulation, unsigned package) {
  if (FirmwareDriver* driver = firmware_of(simulation, package)) return *driver;
  throw core::UserError(fmt::format("found no RISC-V driver in package {}, allowed: driver.kind: riscv",
                                    simulation.layouts()[package].name));
}

std::string chiplets_text(PackageModule& package) {
  std::string text = fmt::format("{:<24} {:>12} {:>14} {:>16} {:>16}\n", "chiplet", "descriptors",
                                 "mode switches", "bytes read", "bytes written");
  for (const auto& chiplet : package.chiplets()) {
    text += fmt::format("{:<24} {:>12} {:>14} {:>16} {:>16}\n", chiplet->basename(),
                        chiplet->descriptors_done(), chiplet->mode_switches(),
                        chiplet->data_initiator.bytes_read(), chiplet->data_initiator.bytes_written());
  }
  return text;
}

std::string memories_text(PackageModule& package) {
  core::StatisticsRegistry registry;
  for (const auto& memory : package.memories()) memory->register_statistics(registry);
  std::string text;
  for (const core::Statistic& line : registry.all()) {
    if (line.value() != 0) text += fmt::format("{:<56} {:>20.0f} {}\n", line.name, line.value(), line.unit);
  }
  return text.empty() ? "nothing yet" : text;
}

}  // namespace

FirmwareDriver* firmware_of(Simulation& simulation, unsigned package) {
  return dynamic_cast<FirmwareDriver*>(&simulation.package(package).driver());
}

FirmwareDebugger::FirmwareDebugger(Simulation& simulation, unsigned package, const std::string& endpoint,
                                   std::chrono::milliseconds patience)
    : elf_(firmware(simulation, package).board().elf()->path()),
      server_("gdb", firmware(simulation, package).board(), {endpoint, patience, {}}) {
  PackageModule& module = simulation.package(package);
  server_.add_monitor_command("chiplets", "what the package's chiplets have done",
                              [&module](std::string_view) { return chiplets_text(module); });
  server_.add_monitor_command("memories", "what the package's memories have counted",
                              [&module](std::string_view) { return memories_text(module); });
}

}  // namespace duet::platform
