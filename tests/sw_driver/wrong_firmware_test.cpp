// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "../models/riscv_board_support.hpp"

using namespace duet;
using namespace duet::models::riscv;

namespace {

BoardOutcome run(const std::string& name) {
  core::BoardDescription description;
  description.timeout_ps = 1e9;  // 1 ms
  BoardFixture fixture(description);
  fixture.board().load(ElfFile::load(DUET_FIRMWARE_DIR "/wrong_" + name + ".elf"));
  fixture.run();
  REQUIRE(fixture.board().outcome());
  return *fixture.board().outcome();
}

void check(const std::string& name, std::initializer_list<const char*> wanted) {
  const BoardOutcome outcome = run(name);
  INFO(name);
  CHECK(outcome.exit_code == Board::exit_guest_failure);
  for (const char* text : wanted) CHECK_THAT(outcome.diagnosis, Catch::Contains(text));
}

}  // namespace

TEST_CASE("wrong firmware ends with cause, pc, function, address and an exit code") {
  check("null_read", {"hart 0", "load access fault (mcause 5)", "in wrong_null_read", "address 0x0"});
  check("wild_write", {"store access fault (mcause 7)", "in wrong_wild_write", "address 0x30000000"});
  check("wild_jump",
        {"instruction access fault (mcause 1)", "0x12345678", "called from 0x8", "in wrong_wild_jump"});
  check("illegal_instruction",
        {"illegal instruction (mcause 2)", "in wrong_illegal_instruction", "0xffffffff"});
  check("misaligned_access", {"load address misaligned (mcause 4)", "in wrong_misaligned_access"});
  check("stack_overflow", {"stack overflow", "store access fault", "in wrong_stack_overflow"});
  check("failed_assertion", {"breakpoint (mcause 3)", "in wrong_failed_assertion"});
  check("writes_rom", {"store access fault", "in wrong_writes_rom", "address 0x10000"});
  check("missing_chiplet", {"load access fault", "in wrong_missing_chiplet", "address 0x40000000"});
  check("unexpected_call", {"environment call from machine mode (mcause 11)", "in wrong_unexpected_call"});
}

TEST_CASE("firmware that never ends is told where it hangs") {
  check("endless_loop",
        {"did not end within 1 ms", "endless loop?", "hart 0: runs at pc", "in wrong_endless_loop"});
  check("polls_forever", {"did not end within 1 ms", "hart 0: runs at pc", "in wrong_polls_forever"});
  check("waits_forever",
        {"did not end within 1 ms", "waits for an interrupt (WFI)", "in wrong_waits_forever"});
}

TEST_CASE("a trap handler that is missing or traps itself is found") {
  check("faulty_handler", {"load access fault", "in wrong_null_read", "address 0x0"});
  check("no_handler", {"load access fault", "in bad_load", "address 0x20", "no trap handler is set"});
}

TEST_CASE("a program's own exit code comes through without a diagnosis") {
  const BoardOutcome outcome = run("exit_code");
  CHECK(outcome.exit_code == 7);
  CHECK(outcome.diagnosis.empty());
}
