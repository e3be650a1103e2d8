// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "../models/riscv_board_support.hpp"
#include "duet/core/error.hpp"

using namespace duet;
using namespace duet::models::riscv;

namespace {

const std::string firmware = DUET_FIRMWARE_DIR;

}  // namespace

TEST_CASE("hello prints on the UART and exits with 0") {
  BoardFixture fixture;
  fixture.board().load(ElfFile::load(firmware + "/hello.elf"));
  fixture.run();
  REQUIRE(fixture.board().outcome());
  CHECK(fixture.board().outcome()->exit_code == 0);
  CHECK_THAT(fixture.console.output,
             Catch::StartsWith("hello from hart 0 after ") && Catch::EndsWith(" ns\n"));
}

TEST_CASE("hello runs on several harts, of which one speaks") {
  core::BoardDescription description;
  description.harts = 4;
  BoardFixture fixture(description);
  fixture.board().load(ElfFile::load(firmware + "/hello.elf"));
  fixture.run();
  CHECK(fixture.board().outcome());
  CHECK(std::count(fixture.console.output.begin(), fixture.console.output.end(), '\n') == 1);
}

TEST_CASE("a file that is no RISC-V program is refused with what is allowed") {
  CHECK_THROWS_WITH(ElfFile::load(DUET_SOURCE_DIR "/README.md"), Catch::Contains("64-bit RISC-V ELF"));
  CHECK_THROWS_WITH(ElfFile::load("/nonexistent.elf"), Catch::Contains("cannot be read"));
}

TEST_CASE("a program outside RAM is refused") {
  core::BoardDescription description;
  description.ram_base = 0x9000'0000;
  BoardFixture fixture(description);
  CHECK_THROWS_WITH(fixture.board().load(ElfFile::load(firmware + "/hello.elf")),
                    Catch::Contains("0x80000000") && Catch::Contains("0x90000000"));
}

TEST_CASE("symbols name the place of an address") {
  const ElfFile elf = ElfFile::load(firmware + "/hello.elf");
  const auto main = elf.find("main");
  REQUIRE(main);
  CHECK(elf.describe(*main) == "main");
  CHECK(elf.describe(*main + 6) == "main+0x6");
  CHECK(elf.describe(0x10).empty());
}
