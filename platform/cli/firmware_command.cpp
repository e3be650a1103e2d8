// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "driver_options.hpp"
#include "duet/core/error.hpp"
#include "duet/core/quantity.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/guest_failure.hpp"
#include "duet/platform/set_option.hpp"
#include "duet/platform/simulation/firmware_debugger.hpp"
#include "shipped_configs.hpp"

namespace {

using namespace duet;
using namespace duet::platform;

struct Options {
  std::string platform;
  std::string elf;
  std::string package;
  std::string timeout = "1 s";
  std::string gdb;
  std::vector<std::string> overrides;
};

std::string elf_of(const std::string& text) {
  if (std::filesystem::is_regular_file(text)) return text;
  for (const char* shipped : {"hello", "selftest", "dispatch"}) {
    if (text == shipped) return FirmwareDriver::shipped_elf(text);
  }
  throw core::UserError(
      fmt::format("ELF: found '{}', which is no file; allowed: a RISC-V ELF, hello, selftest", text));
}

core::PlatformDescription describe(const Options& options) {
  const ConfigLibrary library = shipped_configs();
  core::PlatformDescription platform = load_platform(
      ConfigDocument::from_file(library.find("platforms", options.platform, "PLATFORM"), options.overrides));
  for (auto& [name, package] : platform.packages) package.driver.kind = core::DriverKind::native;
  const std::string name = options.package.empty() ? platform.packages.begin()->first : options.package;
  const auto package = platform.packages.find(name);
  if (package == platform.packages.end()) {
    std::string names;
    for (const auto& [known, unused] : platform.packages) names += (names.empty() ? "" : ", ") + known;
    throw core::UserError(fmt::format("--package: found '{}', allowed: {}", name, names));
  }
  package->second.driver.kind = core::DriverKind::riscv;
  package->second.driver.elf = elf_of(options.elf);
  return platform;
}

unsigned package_with_firmware(Simulation& simulation) {
  for (const auto& layout : simulation.layouts()) {
    if (firmware_of(simulation, layout.index) != nullptr) return layout.index;
  }
  throw std::logic_error("no package has firmware");
}

void run(const Options& options) {
  const auto limit_ps = core::parse_quantity(options.timeout, core::Unit::picoseconds);
  Simulation simulation(describe(options));
  const unsigned package = package_with_firmware(simulation);
  FirmwareDriver& driver = *firmware_of(simulation, package);
  std::shared_ptr<void> debugger;
  if (!console().quiet) show_board(driver, simulation.layouts()[package].name);
  if (!options.gdb.empty())
    debugger = wait_for_debugger(simulation, package, endpoint_of("--gdb", options.gdb));
  simulation.on_warning([](const std::string& text) { print_warning(text); });
  const auto& outcome = driver.board().outcome();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  while (!outcome && sc_core::sc_pending_activity() &&
         static_cast<double>(sc_core::sc_time_stamp().value()) < limit_ps) {
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
    driver.watch(0, false);
  }
  if (!outcome) {
    throw GuestFailure(fmt::format("the firmware did not end within {} of simulated time\n{}",
                                   options.timeout, driver.place()));
  }
  if (outcome->exit_code == 0) return;
  throw GuestFailure(outcome->diagnosis.empty()
                         ? fmt::format("the firmware ended with exit code {}", outcome->exit_code)
                         : outcome->diagnosis,
                     outcome->exit_code);
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("firmware", "runs a RISC-V program on the board of a package, without a model");
  auto options = std::make_shared<Options>();
  command->add_option("platform", options->platform, "platform file, or the name of a shipped one")
      ->required()
      ->type_name("PLATFORM.yaml");
  command->add_option("elf", options->elf, "RISC-V ELF, or a shipped program: hello, selftest")
      ->required()
      ->type_name("ELF");
  command->add_option("--package", options->package, "whose board; without it, the first package");
  command->add_option("--timeout", options->timeout, "simulated time after which it is taken for hung")
      ->capture_default_str();
  command->add_option("--gdb", options->gdb, "wait for GDB before the first instruction")
      ->type_name("PORT|unix:PATH");
  add_set_option(*command, options->overrides);
  command->footer(
      "The exit code is the program's own, or 3 when the platform had to end it.\n"
      "Examples:\n"
      "  duet-vp firmware duet hello\n"
      "  duet-vp firmware duet selftest --package decode\n"
      "  duet-vp firmware duet mine.elf --gdb 1234 --set packages.decode.driver.board.harts=2");
  command->callback([options] { run(*options); });
}};

}  // namespace
