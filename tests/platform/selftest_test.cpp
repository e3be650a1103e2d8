// SPDX-License-Identifier: Apache-2.0
// The shipped selftest on the chiplets of whole platforms, sound and broken.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "duet/platform/config/load.hpp"
#include "duet/platform/simulation/firmware_debugger.hpp"
#include "duet/platform/simulation/firmware_driver.hpp"
#include "duet/platform/simulation/simulation.hpp"
#include "duet/sw_driver/regs.h"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace duet;
using namespace duet::test;
using Catch::Contains;

namespace {

/// The decode package of a small platform whose memory has ECC, with selftest as its firmware.
struct Machine {
  explicit Machine(const std::vector<std::string>& overrides = {}) : simulation(describe(overrides)) {
    for (const auto& layout : simulation.layouts()) {
      if (layout.name == "decode") package = &simulation.package(layout.index);
    }
  }
  core::PlatformDescription describe(const std::vector<std::string>& overrides) {
    core::PlatformDescription platform = platform::load_platform(
        platform::ConfigDocument::from_file(DUET_SOURCE_DIR "/configs/platforms/small.yaml", overrides));
    platform.node_types.at("hbm3e_stack").memory->ecc = true;
    core::DriverDescription& driver = platform.packages.at("decode").driver;
    driver.kind = core::DriverKind::riscv;
    driver.elf = platform::FirmwareDriver::shipped_elf("selftest");
    driver.board.console = folder.file("console.txt");
    return platform;
  }
  models::Chiplet& chiplet(unsigned index) { return *package->chiplets()[index]; }
  /// Exit code; what the program printed is `output`.
  int run() {
    auto& driver = dynamic_cast<platform::FirmwareDriver&>(package->driver());
    const auto& outcome = driver.board().outcome();
    for (unsigned ms = 0; ms < 1000 && !outcome; ++ms) sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
    REQUIRE(outcome);
    output = read_text(folder.file("console.txt"));
    return outcome->exit_code;
  }

  TemporaryFolder folder;
  platform::Simulation simulation;
  platform::PackageModule* package = nullptr;
  std::string output;
};

/// Something is wrong with the hardware, and what selftest says of it.
struct Broken {
  const char* what;
  std::function<void(Machine&)> damage;
  const char* finding;
};

void mute(Machine& machine, duet_error error) {
  auto& registers = machine.chiplet(2).registers;
  registers.on_read(DUET_CHIPLET_error, [&registers, error] {
    return registers.stored_value(DUET_CHIPLET_error) & ~(1u << error);
  });
}

const std::vector<Broken> broken = {
    {"a constant", [](Machine& m) { m.chiplet(1).registers.set_value(DUET_CHIPLET_version, 0x20000); },
     "FAILED chiplet 1: reset value is 0x20000, not 0x10001 (version)"},
    {"a reset value", [](Machine& m) { m.chiplet(1).registers.set_value(DUET_CHIPLET_mode, 1); },
     "FAILED chiplet 1: reset value is 0x1, not 0x0 (mode)"},
    {"a reserved bit",
     [](Machine& m) { m.chiplet(1).registers.on_read(DUET_CHIPLET_status, [] { return 8u; }); },
     "FAILED chiplet 1: reserved bits is 0x8, not 0x0 (status)"},
    {"a register that does not keep its value",
     [](Machine& m) { m.chiplet(1).registers.on_read(DUET_CHIPLET_argument2, [] { return 0u; }); },
     "FAILED chiplet 1: value written is 0x0, not "},
    {"two registers at one place",
     [](Machine& m) {
       auto& registers = m.chiplet(1).registers;
       registers.on_write(DUET_CHIPLET_argument3, [&registers](uint32_t value) {
         registers.set_value(DUET_CHIPLET_argument0, value);
       });
     },
     "(argument0)"},
    {"bad descriptors pass", [](Machine& m) { mute(m, DUET_ERROR_BAD_DESCRIPTOR); },
     "FAILED chiplet 2: ERROR is 0x0, not 0x1 (unknown opcode)"},
    {"wrong modes pass", [](Machine& m) { mute(m, DUET_ERROR_WRONG_MODE); },
     "FAILED chiplet 2: ERROR is 0x0, not 0x2 (GEMV)"},
    {"bus errors pass", [](Machine& m) { mute(m, DUET_ERROR_BUS); },
     "FAILED chiplet 2: ERROR is 0x0, not 0x4 (output outside memory)"},
    {"doorbell overflows pass", [](Machine& m) { mute(m, DUET_ERROR_DOORBELL_OVERFLOW); },
     "FAILED chiplet 2: ERROR is 0x0, not 0x10 (doorbell overflow)"},
    {"time-outs pass", [](Machine& m) { mute(m, DUET_ERROR_TIMEOUT); },
     "FAILED chiplet 2: ERROR is 0x0, not 0x20 (event that does not come)"},
    {"uncorrectable data pass", [](Machine& m) { mute(m, DUET_ERROR_UNCORRECTABLE_DATA); },
     "FAILED chiplet 2: ERROR is 0x0, not 0x40 (two wrong bits)"},
    {"ERROR clears whatever is written",
     [](Machine& m) {
       auto& registers = m.chiplet(0).registers;
       registers.on_write(DUET_CHIPLET_error,
                          [&registers](uint32_t) { registers.set_value(DUET_CHIPLET_error, 0); });
     },
     "FAILED chiplet 0: ERROR after ones to other bits is 0x0, not 0x1"},
    {"ERROR does not clear",
     [](Machine& m) {
       auto& registers = m.chiplet(0).registers;
       registers.on_write(DUET_CHIPLET_error,
                          [&registers](uint32_t bits) { registers.set_value(DUET_CHIPLET_error, bits); });
     },
     "FAILED chiplet 0: ERROR after a one to its bit is 0x1, not 0x0"},
    {"interrupts cannot be cleared",
     [](Machine& m) { m.chiplet(0).registers.on_write(DUET_CHIPLET_interrupt_clear, [](uint32_t) {}); },
     "FAILED chiplet 0: cleared INTERRUPT_STATUS is 0x1, not 0x0 (good descriptor)"},
    {"a reset does nothing",
     [](Machine& m) { m.chiplet(0).registers.on_write(DUET_CHIPLET_reset, [](uint32_t) {}); },
     "FAILED chiplet 0: STATUS after a reset is "},
    {"the limit for events does nothing",
     [](Machine& m) { m.chiplet(3).registers.on_write(DUET_CHIPLET_event_timeout, [](uint32_t) {}); },
     "FAILED chiplet 3: no interrupt (event that does not come)"},
    {"a chiplet hangs", [](Machine& m) { m.chiplet(0).hang(); },
     "FAILED chiplet 0: no interrupt (good descriptor)"},
    {"a memory node is damaged",
     [](Machine& m) {
       m.package->memories()[1]->inject_error(64, 3);
       m.package->memories()[1]->inject_error(64, 4);
     },
     "FAILED chiplet 1: ERROR is 0x40, not 0x0 (one wrong bit)"},
};

const std::vector<std::string> package_cut_off = {
    "packages.decode.noi.faults=[{at: 0 s, from: 2, to: 1, lanes_left: 0, both_ways: true}, "
    "{at: 0 s, from: 2, to: 3, lanes_left: 0, both_ways: true}, "
    "{at: 0 s, from: 2, to: 6, lanes_left: 0, both_ways: true}]"};

}  // namespace

TEST_CASE("selftest walks all registers and provokes every error that software can", "[riscv][firmware]") {
  Machine machine;
  std::vector<std::string> warnings;
  machine.simulation.on_warning([&](const std::string& text) { warnings.push_back(text); });
  CHECK(machine.run() == 0);
  CHECK(
      machine.output ==
      "registers: reset values, access rights, reserved bits and gaps of 4 chiplets, 4 memory nodes and the "
      "package\n"
      "ERROR bit 0, bad descriptor: provoked on 4 of 4 chiplets\n"
      "ERROR bit 1, wrong mode: provoked on 4 of 4 chiplets\n"
      "ERROR bit 2, bus error: provoked on 4 of 4 chiplets\n"
      "ERROR bit 4, doorbell overflow: provoked on 4 of 4 chiplets\n"
      "ERROR bit 5, event time-out: provoked on 4 of 4 chiplets\n"
      "ERROR bit 6, uncorrectable data: provoked on 4 of 4 chiplets, 4 of 4 memory nodes have ECC\n"
      "not walked, because software cannot provoke them: link errors (noi.faults), hung chiplets (hangs)\n"
      "selftest: 4 chiplets, 0 failures\n");
  // The chiplets have warned of what the program says it has provoked.
  for (const auto& chiplet : machine.package->chiplets()) {
    for (const int error : {0, 1, 2, 4, 5, 6}) {
      INFO(chiplet->name() << ", error " << error);
      CHECK(std::ranges::any_of(warnings, [&](const std::string& text) {
        return text.starts_with(chiplet->name()) &&
               text.find(fmt::format(": error {}: ", error)) != text.npos;
      }));
    }
  }
  for (const auto& memory : machine.package->memories()) CHECK(memory->counters().errors == 0);
}

TEST_CASE("selftest finds what is broken, and says where", "[riscv][firmware]") {
  for (const Broken& line : broken) {
    INFO(line.what);
    Machine machine;
    line.damage(machine);
    CHECK(machine.run() > 0);
    CHECK_THAT(machine.output, Contains(line.finding));
    CHECK_THAT(machine.output, !Contains(" 0 failures"));
  }
}

TEST_CASE("selftest meets an error of a link", "[riscv][firmware]") {
  Machine machine(package_cut_off);
  CHECK(machine.run() > 0);
  CHECK_THAT(machine.output, Contains("ERROR is 0x40, not 0x0 (good descriptor)"));
}

TEST_CASE("selftest runs on the shipped platforms", "[riscv][firmware]") {
  const auto check = [](const std::string& arguments, unsigned chiplets, const std::string& text) {
    const ProgramOutcome outcome = run_program("duet-vp firmware " + arguments + " --quiet 2>/dev/null");
    INFO(arguments << "\n" << outcome.output);
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.output, Contains(text));
    CHECK_THAT(outcome.output, Contains(fmt::format("selftest: {} chiplets, 0 failures\n", chiplets)));
  };
  check("duet selftest --package decode", 8, "provoked on 0 of 8 chiplets, 0 of 12 memory nodes have ECC");
  check("duet selftest --package prefill", 16, "provoked on 0 of 16 chiplets, 0 of 12 memory nodes have ECC");
  check("duet selftest --package prefill --set node_types.gddr7_phy.memory.ecc=true", 16,
        "provoked on 16 of 16 chiplets, 12 of 12 memory nodes have ECC");
  check("decode-friendly selftest", 8, "");  // mixed chiplets
  check("b200 selftest", 8, "");
}
