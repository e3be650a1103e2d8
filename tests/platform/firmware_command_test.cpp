// SPDX-License-Identifier: Apache-2.0
// Firmware as its engineer uses it: from the command line.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace duet::test;
using Catch::Contains;

namespace {

const std::string firmware = DUET_FIRMWARE_DIR;
const std::string small_run = "duet-vp run duet --model mamba2-130m --workload chat --batch 1 ";

ProgramOutcome firmware_command(const std::string& arguments) {
  return run_program("duet-vp firmware duet " + arguments);
}

ProgramOutcome run_command(const std::string& arguments) {
  return run_program(small_run + arguments);
}

void run_script(const std::string& script, const TemporaryFolder& folder) {
  std::ofstream(folder.file("script.sh")) << script << "\n";
  run_program("bash script.sh", folder.file("."));
}

struct Wrong {
  const char* name;
  std::vector<const char*> diagnosis;
};

}  // namespace

TEST_CASE("The tutorial's firmware runs with one command and shows the board", "[riscv][firmware]") {
  const ProgramOutcome outcome = firmware_command("hello");
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.output, Contains("hello from hart 0 after "));
  CHECK_THAT(outcome.output, Contains("0x000080000000") && Contains("uart") && Contains("control"));
  CHECK_THAT(firmware_command("hello --quiet 2>/dev/null").output,
             Catch::StartsWith("hello from hart 0 after ") && Catch::EndsWith(" ns\n"));
}

TEST_CASE("Wrong firmware ends with cause, place and exit code 3", "[riscv][firmware]") {
  const Wrong wrong = GENERATE(values<Wrong>({
      {"null_read", {"load access fault (mcause 5)", "in wrong_null_read", "address 0x0"}},
      {"wild_write", {"store access fault (mcause 7)", "in wrong_wild_write", "address 0x30000000"}},
      {"wild_jump", {"instruction access fault (mcause 1)", "0x12345678", "called from 0x8"}},
      {"illegal_instruction", {"illegal instruction (mcause 2)", "in wrong_illegal_instruction"}},
      {"misaligned_access", {"load address misaligned (mcause 4)", "in wrong_misaligned_access"}},
      {"stack_overflow", {"stack overflow", "in wrong_stack_overflow"}},
      {"failed_assertion", {"breakpoint (mcause 3)", "in wrong_failed_assertion"}},
      {"writes_rom", {"store access fault", "in wrong_writes_rom", "address 0x10000"}},
      {"unexpected_call", {"environment call from machine mode (mcause 11)", "in wrong_unexpected_call"}},
      {"endless_loop", {"endless loop?", "runs at pc", "in wrong_endless_loop"}},
      {"polls_forever", {"did not end", "runs at pc", "in wrong_polls_forever"}},
      {"waits_forever", {"did not end", "waits for an interrupt (WFI)", "in wrong_waits_forever"}},
      {"no_handler", {"load access fault", "in bad_load", "no trap handler is set"}},
  }));
  const ProgramOutcome outcome =
      firmware_command(fmt::format("{}/wrong_{}.elf --quiet", firmware, wrong.name));
  INFO(wrong.name);
  CHECK(outcome.exit_code == 3);
  for (const char* text : wrong.diagnosis) CHECK_THAT(outcome.output, Contains(text));
}

TEST_CASE("A program's own exit code is the command's", "[riscv][firmware]") {
  const ProgramOutcome outcome = firmware_command(firmware + "/wrong_exit_code.elf --quiet");
  CHECK(outcome.exit_code == 7);
  CHECK_THAT(outcome.output, Contains("the firmware ended with exit code 7"));
}

TEST_CASE("A program that does not exist is a mistake of the user", "[riscv][firmware]") {
  const ProgramOutcome outcome = firmware_command("nonexistent.elf");
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.output,
             Contains("ELF: found 'nonexistent.elf', which is no file; allowed: a RISC-V ELF, hello"));
}

TEST_CASE("The UART goes to a file", "[riscv][firmware]") {
  const TemporaryFolder folder;
  const std::string console = folder.file("console.txt");
  const ProgramOutcome outcome =
      firmware_command("hello --package decode --set packages.decode.driver.board.console=" + console);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(read_text(console), Contains("hello from hart 0"));
  CHECK_THAT(outcome.output, Contains("the UART is at " + console) && !Contains("hello from"));
}

TEST_CASE("A run with the driver on RISC-V shows the board and the driver's share", "[riscv][run]") {
  const ProgramOutcome native = run_command("--quiet");
  const ProgramOutcome riscv = run_command("--driver riscv");
  REQUIRE(native.exit_code == 0);
  REQUIRE(riscv.exit_code == 0);
  CHECK_THAT(native.output, Contains("driver     native, at work "));
  CHECK_THAT(riscv.output, Contains("driver     riscv, at work ") && Contains(" instructions, "));
  CHECK_THAT(riscv.output, Contains("dispatch.elf on a board with this memory map") && Contains("clint"));

  const TemporaryFolder folder;
  const std::string page = folder.file("report.html");
  REQUIRE(run_command("--driver riscv --quiet --report " + page).exit_code == 0);
  CHECK_THAT(read_text(page), Contains("The riscv driver is at work ") &&
                                  Contains("% of TTFT with the hand-over and ") && Contains("% of TBT.") &&
                                  Contains("driver, decode"));

  using Json = nlohmann::json;
  const auto figures = [](const std::string& arguments) {
    const ProgramOutcome outcome = run_command(arguments + " --json -");
    REQUIRE(outcome.exit_code == 0);
    return Json::parse(outcome.output);  // nothing else was printed
  };
  const Json there = figures("--driver riscv");
  const Json here = figures("--driver native");
  for (const char* phase : {"prefill", "decode"}) {
    const Json& on_core = there.at("points")[0].at(phase);
    const Json& inside = here.at("points")[0].at(phase);
    CHECK(on_core.at("driver").at("kind") == "riscv");
    CHECK(inside.at("driver").at("kind") == "native");
    CHECK(on_core.at("driver").at("instructions") > 1000);
    CHECK(on_core.at("driver_share") > 0);
    CHECK(on_core.at("driver_share") <= 1);
    CHECK(on_core.at("doorbells") == inside.at("doorbells"));
    CHECK(on_core.at("descriptors") == inside.at("descriptors"));
    CHECK(on_core.at("mode_switches") == inside.at("mode_switches"));
  }
}

TEST_CASE("Firmware that does not run the program ends the run with exit code 3", "[riscv][run]") {
  SECTION("it ends by itself") {
    const ProgramOutcome outcome = run_command("--driver riscv --quiet --elf " + firmware + "/hello.elf");
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.output, Contains("exit code 0 and has not run the program"));
  }
  SECTION("it traps") {
    const ProgramOutcome outcome =
        run_command("--driver riscv --quiet --elf " + firmware + "/wrong_null_read.elf");
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.output, Contains("package prefill") && Contains("in wrong_null_read"));
  }
  SECTION("it loops") {
    const ProgramOutcome outcome =
        run_command("--driver riscv --quiet --elf " + firmware + "/wrong_endless_loop.elf");
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.output, Contains("endless loop?") && Contains("in wrong_endless_loop"));
  }
  SECTION("it polls") {
    const ProgramOutcome outcome =
        run_command("--driver riscv --quiet --elf " + firmware + "/wrong_polls_forever.elf");
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.output, Contains("no descriptor was done for 100 ms, and none was rung for") &&
                                   Contains("in wrong_polls_forever"));
  }
  SECTION("it waits for a chiplet that has failed") {
    const ProgramOutcome outcome =
        run_command("--driver riscv --quiet --elf " + firmware +
                    "/wrong_ignores_errors.elf --set packages.prefill.driver.timeout='2 ms'");
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.output, Contains("no descriptor was done for 10 ms, longer than driver.timeout") &&
                                   Contains("in wrong_ignores_errors"));
  }
  SECTION("it sleeps") {
    const ProgramOutcome outcome =
        run_command("--driver riscv --quiet --elf " + firmware + "/wrong_waits_forever.elf");
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.output, Contains("standstill") && Contains("in wrong_waits_forever"));
  }
}

TEST_CASE("Options that do not fit together are mistakes of the user", "[riscv][run]") {
  for (const auto& [arguments, message] :
       {std::pair{"--elf x.elf", "--elf: found no package with a driver on RISC-V"},
        std::pair{"--gdb 1234", "--gdb: found no package with a driver on RISC-V"},
        std::pair{"--driver riscv --gdb 99999", "--gdb: found '99999'"},
        std::pair{"--driver riscv --elf /nonexistent.elf", "/nonexistent.elf"},
        std::pair{"--cosim 5555 --driver riscv", "--cosim: found beside --driver"},
        std::pair{"--driver riscv --gdb unix:/nonexistent/folder/x",
                  "--gdb: found 'unix:/nonexistent/folder/x' (No such"},
        std::pair{"--cosim unix:/nonexistent/folder/x",
                  "driver.door: found 'unix:/nonexistent/folder/x' (No such"},
        std::pair{"--driver arm", "--driver"}}) {
    const ProgramOutcome outcome = run_command(arguments);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.output, Contains(message));
  }
}

TEST_CASE("GDB attaches to a run, breaks in the driver and sees the hardware", "[riscv][run][gdb]") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("session.gdb")) << "set pagination off\nset remotetimeout 20\n"
                                               "target remote "
                                            << folder.file("gdb.socket") << R"(
break duet_driver_run
continue
backtrace
monitor registers 0
monitor registers package
monitor registers memory 11
monitor registers nonsense
monitor registers 99
monitor chiplets
monitor memories
monitor time
delete
continue
)";
  const std::string script = fmt::format(
      "(for i in $(seq 100); do [ -S gdb.socket ] && break; sleep 0.1; done; "
      "timeout 40 gdb-multiarch -nx -batch -x session.gdb {}/dispatch.elf > first.txt 2>&1; sleep 1; "
      "for i in $(seq 100); do [ -S gdb.socket ] && break; sleep 0.1; done; "
      "timeout 40 gdb-multiarch -nx -batch -x session.gdb {}/dispatch.elf > second.txt 2>&1) & "
      "{} --driver riscv --gdb unix:gdb.socket > run.txt 2>&1; echo $? > code.txt; wait",
      firmware, firmware, small_run);
  run_script(script, folder);
  INFO(read_text(folder.file("run.txt")));
  CHECK(read_text(folder.file("code.txt")) == "0\n");
  CHECK_THAT(read_text(folder.file("run.txt")), Contains("waiting 60 s for a debugger: gdb-multiarch"));
  for (const char* session : {"first.txt", "second.txt"}) {
    const std::string output = read_text(folder.file(session));
    INFO(output);
    CHECK_THAT(output, Contains("Breakpoint 1") && Contains("duet_driver_run (driver="));
    CHECK_THAT(output, Contains("in duet_driver_execute (") && Contains("in main (hart="));
    CHECK_THAT(output, Contains("doorbell_space") && Contains("0x54455544"));
    CHECK_THAT(output, Contains("group_members_low") && Contains("0x4b504f4e"));
    CHECK_THAT(output, Contains("uncorrectable_count") && Contains("0x4d455544"));
    CHECK_THAT(output, Contains("usage: monitor registers") && Contains("nothing at 'registers 99'"));
    CHECK_THAT(output, Contains("bytes written") && Contains("exited normally"));
  }
}

TEST_CASE("A process outside drives both packages through the door", "[riscv][run][cosim]") {
  const TemporaryFolder folder;
  const std::string script = fmt::format(
      "(for p in prefill decode; do for i in $(seq 100); do [ -S door.socket ] && break; sleep 0.1; done; "
      "duet-cosim-dispatch unix:door.socket $p.job; sleep 0.3; done > client.txt 2>&1) & "
      "{} --cosim unix:door.socket > run.txt 2>&1; echo $? > code.txt; wait",
      small_run);
  run_script(script, folder);
  INFO(read_text(folder.file("run.txt")) << read_text(folder.file("client.txt")));
  CHECK(read_text(folder.file("code.txt")) == "0\n");
  CHECK_THAT(read_text(folder.file("run.txt")),
             Contains("waiting for an external driver at unix:door.socket") &&
                 Contains("driver     external, at work "));
  const std::string client = read_text(folder.file("client.txt"));
  CHECK(client.find("status 0, ") != client.rfind("status 0, "));
}
