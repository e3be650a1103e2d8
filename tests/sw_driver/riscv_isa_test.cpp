// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "../models/riscv_board_support.hpp"

using namespace duet;
using namespace duet::models::riscv;

namespace {

/// Runs every symbol test_* of a program as a program of its own, on a fresh board.
unsigned run_all(const std::string& name) {
  const ElfFile elf = ElfFile::load(DUET_FIRMWARE_DIR "/" + name + ".elf");
  unsigned programs = 0;
  for (const ElfFile::Symbol& symbol : elf.symbols()) {
    if (!symbol.name.starts_with("test_")) continue;
    core::BoardDescription description;
    description.timeout_ps = 1e9;
    description.ram_bytes = 1 << 20;
    BoardFixture fixture(description);
    fixture.board().load(elf);
    fixture.hart().interpreter().set_pc(symbol.address);
    fixture.run();
    INFO(symbol.name);
    REQUIRE(fixture.board().outcome());
    INFO(fixture.board().outcome()->diagnosis);
    CHECK(fixture.board().outcome()->exit_code == 0);
    ++programs;
  }
  return programs;
}

}  // namespace

TEST_CASE("integer, multiply and control-flow instructions pass their programs") {
  CHECK(run_all("isa_integer") == 53);
}
TEST_CASE("loads, stores and atomics pass their programs") {
  CHECK(run_all("isa_memory") == 33);
}
TEST_CASE("compressed instructions pass their programs") {
  CHECK(run_all("isa_compressed") == 29);
}
TEST_CASE("traps, interrupts, Zicsr, WFI, user mode and PMP pass their programs") {
  CHECK(run_all("isa_privileged") == 30);
}
