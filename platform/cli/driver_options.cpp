// SPDX-License-Identifier: Apache-2.0
#include "driver_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "duet/core/error.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/simulation/external_driver.hpp"
#include "duet/platform/simulation/firmware_debugger.hpp"
#include "run_options.hpp"

namespace duet::platform {
namespace {

constexpr std::chrono::seconds debugger_patience{60};

/// Remembers what has been said, because every phase is a simulation of its own.
class Remarks {
 public:
  explicit Remarks(bool silent) : silent_(silent) {}
  void once(const std::string& text) {
    if (said_.insert(text).second) say(text);
  }
  void say(const std::string& text) const {
    if (silent_) return;
    end_progress();
    fmt::print(stderr, "{}", text);
  }

 private:
  bool silent_;
  std::set<std::string> said_;
};

std::string board_text(FirmwareDriver& driver, const std::string& package) {
  const std::string where = driver.console().where();
  return fmt::format("{}: {} on a board with this memory map\n{}{}", package, driver.board().elf()->path(),
                     driver.board().memory_map(),
                     where.empty() ? "" : fmt::format("{}: the UART is at {}\n", package, where));
}

std::shared_ptr<FirmwareDebugger> open_debugger(Simulation& simulation, unsigned package,
                                                const std::string& endpoint) {
  try {
    return std::make_shared<FirmwareDebugger>(simulation, package, endpoint, debugger_patience);
  } catch (const core::UserError& error) {
    throw core::UserError(fmt::format("--gdb: {}", error.what()));
  }
}

std::string debugger_text(const FirmwareDebugger& debugger, const std::string& package) {
  const std::string& endpoint = debugger.endpoint();
  return fmt::format("{}: waiting {} s for a debugger: gdb-multiarch {} -ex 'target remote {}'\n", package,
                     debugger_patience.count(), debugger.elf(),
                     endpoint.starts_with("tcp:") ? "127.0.0.1:" + endpoint.substr(4) : endpoint.substr(5));
}

std::shared_ptr<void> attach(const DriverOptions& options, Remarks& remarks, Simulation& simulation,
                             unsigned package) {
  const std::string& name = simulation.layouts()[package].name;
  if (FirmwareDriver* driver = firmware_of(simulation, package)) remarks.once(board_text(*driver, name));
  if (auto* driver = dynamic_cast<ExternalDriver*>(&simulation.package(package).driver())) {
    driver->on_open([&remarks, name](const std::string& endpoint, const std::string& file) {
      remarks.say(
          fmt::format("{}: waiting for an external driver at {}, program in {}\n", name, endpoint, file));
    });
  }
  if (options.gdb.empty()) return nullptr;
  auto debugger = open_debugger(simulation, package, endpoint_of("--gdb", options.gdb));
  remarks.say(debugger_text(*debugger, name));
  return debugger;
}

}  // namespace

void add_driver_options(CLI::App& command, DriverOptions& options) {
  command
      .add_option("--driver", options.kind,
                  "where the driver runs: native (inside the simulator) or riscv (on a simulated core)")
      ->check(CLI::IsMember({"native", "riscv"}))
      ->group("Driver");
  command
      .add_option("--elf", options.elf,
                  "firmware instead of the shipped dispatch.elf; needs a driver on riscv")
      ->type_name("FILE")
      ->group("Driver");
  command
      .add_option("--gdb", options.gdb,
                  "wait for GDB before the firmware's first instruction; one session a phase")
      ->type_name("PORT|unix:PATH")
      ->group("Driver");
  command
      .add_option("--cosim", options.cosim,
                  "let a process outside drive the packages through the co-simulation door")
      ->type_name("PORT|unix:PATH")
      ->group("Driver");
}

void show_board(FirmwareDriver& driver, const std::string& package) {
  fmt::print(stderr, "{}", board_text(driver, package));
}

std::shared_ptr<void> wait_for_debugger(Simulation& simulation, unsigned package,
                                        const std::string& endpoint) {
  auto debugger = open_debugger(simulation, package, endpoint);
  fmt::print(stderr, "{}", debugger_text(*debugger, simulation.layouts()[package].name));
  return debugger;
}

std::string endpoint_of(const std::string& option, const std::string& text) {
  if (text.starts_with("unix:") && text.size() > 5) return text;
  const std::string port = text.starts_with("tcp:") ? text.substr(4) : text;
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (digits && std::stoul(port) <= 65535) return "tcp:" + port;
  throw core::UserError(
      fmt::format("{}: found '{}', allowed: a TCP port from 0 to 65535, or unix:PATH", option, text));
}

void apply_driver_options(const DriverOptions& options, RunRequest& request, RunObserver& observer,
                          bool machine_output) {
  if (!options.cosim.empty() && !(options.kind.empty() && options.elf.empty() && options.gdb.empty()))
    throw core::UserError("--cosim: found beside --driver, --elf or --gdb, allowed: alone");
  bool firmware = false;
  for (auto& [name, package] : request.platform.packages) {
    core::DriverDescription& driver = package.driver;
    if (!options.kind.empty())
      driver.kind = options.kind == "riscv" ? core::DriverKind::riscv : core::DriverKind::native;
    if (!options.cosim.empty()) {
      driver.kind = core::DriverKind::external;
      driver.door = endpoint_of("--cosim", options.cosim);
    }
    if (driver.kind != core::DriverKind::riscv) continue;
    firmware = true;
    if (!options.elf.empty()) driver.elf = options.elf;
  }
  for (const auto& [option, value] : {std::pair{"--elf", options.elf}, std::pair{"--gdb", options.gdb}}) {
    if (value.empty() || firmware) continue;
    throw core::UserError(fmt::format(
        "{}: found no package with a driver on RISC-V, allowed: --driver riscv beside it", option));
  }
  const auto remarks = std::make_shared<Remarks>(machine_output || console().quiet);
  observer.attach = [options, remarks](Simulation& simulation, unsigned package) {
    return attach(options, *remarks, simulation, package);
  };
}

}  // namespace duet::platform
