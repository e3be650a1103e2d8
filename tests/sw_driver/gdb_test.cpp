// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "../models/riscv_board_support.hpp"
#include "duet/models/riscv/gdb_server.hpp"

using namespace duet;
using namespace duet::models::riscv;

namespace {

const std::string debuggee = DUET_FIRMWARE_DIR "/debuggee.elf";

struct Session {
  std::string output;  ///< of GDB
  std::string console;
  std::optional<BoardOutcome> outcome;
};

/// Runs the debuggee with gdb-multiarch attached, which executes the script after `target remote`.
Session debug(const std::string& script, unsigned harts = 1) {
  core::BoardDescription description;
  description.harts = harts;
  BoardFixture fixture(description);
  fixture.board().load(ElfFile::load(debuggee));
  GdbServer server("gdb", fixture.board(),
                   {"tcp:0", std::chrono::milliseconds(20'000), std::chrono::milliseconds(20'000)});
  const std::string port = server.endpoint().substr(4);
  const std::string base = fmt::format("{}/gdb_{}", DUET_FIRMWARE_DIR, port);
  std::ofstream(base + ".gdb") << "set pagination off\nset confirm off\nset remotetimeout 10\n"
                               << "target remote 127.0.0.1:" << port << "\n"
                               << script;
  std::thread debugger([&] {
    const std::string command =
        fmt::format("timeout 40 gdb-multiarch -nx -batch -x {0}.gdb {1} > {0}.out 2>&1", base, debuggee);
    [[maybe_unused]] const int status = std::system(command.c_str());
  });
  for (int i = 0; i < 100 && !fixture.board().outcome(); ++i)
    fixture.run(sc_core::sc_time(1, sc_core::SC_MS));
  debugger.join();
  std::ifstream file(base + ".out");
  Session session{
      {std::istreambuf_iterator<char>(file), {}}, fixture.console.output, fixture.board().outcome()};
  std::remove((base + ".out").c_str());
  std::remove((base + ".gdb").c_str());
  return session;
}

}  // namespace

TEST_CASE("gdb-multiarch breaks, steps, watches, reads and writes") {
  const Session session = debug(R"(
break work
continue
print $a0
backtrace
finish
delete
watch watched
continue
print watched
info registers pc
print $mstatus
print/x $priv
stepi
x/2i $pc
set var limit = 4
delete
continue
)");
  INFO(session.output);
  CHECK_THAT(session.output, Catch::Contains("Breakpoint 1, work (step="));
  CHECK_THAT(session.output, Catch::Contains("$1 = 1"));
  CHECK_THAT(session.output, Catch::Contains("#1") && Catch::Contains("in main (hart="));
  CHECK_THAT(session.output, Catch::Contains("Value returned is $2 = 1"));
  CHECK_THAT(session.output, Catch::Contains("Old value = 0") && Catch::Contains("New value = 42"));
  CHECK_THAT(session.output, Catch::Contains(" = 42"));
  CHECK_THAT(session.output, Catch::Contains("exited normally"));
  REQUIRE(session.outcome);
  CHECK(session.outcome->exit_code == 0);
  CHECK(session.console == "done 10\n");  // 1 + 2 + 3 + 4: the debugger changed the limit
}

TEST_CASE("simulated time stands still while halted, and monitor commands answer") {
  const Session session = debug(R"(
break work
continue
monitor time
shell sleep 0.3
monitor time
monitor harts
monitor map
monitor statistics
monitor nonsense
delete
continue
)");
  INFO(session.output);
  std::vector<std::string> times;
  size_t at = 0;
  for (std::string line; at < session.output.size(); at += line.size() + 1) {
    line = session.output.substr(at, session.output.find('\n', at) - at);
    if (line.ends_with(" ns") || line.ends_with(" us")) times.push_back(line);
  }
  REQUIRE(times.size() == 2);
  CHECK(times[0] == times[1]);
  CHECK_THAT(session.output, Catch::Contains("runs at pc") && Catch::Contains("in work"));
  CHECK_THAT(session.output, Catch::Contains("clint") && Catch::Contains("0x000010000000"));
  CHECK_THAT(session.output, Catch::Contains("board.hart0.instructions"));
  CHECK_THAT(session.output, Catch::Contains("unknown command 'nonsense', try 'monitor help'"));
}

TEST_CASE("harts are threads") {
  const Session session = debug(R"(
break work
continue
info threads
thread 2
print/x $mhartid
thread 1
delete
continue
)",
                                2);
  INFO(session.output);
  CHECK_THAT(session.output, Catch::Contains("Thread 1 (hart 0)") && Catch::Contains("Thread 2 (hart 1"));
  CHECK_THAT(session.output, Catch::Contains("$1 = 0x1"));
  CHECK(session.console == "done 15\n");
}

TEST_CASE("Ctrl-C stops a program that runs in circles") {
  const std::string elf = DUET_FIRMWARE_DIR "/wrong_endless_loop.elf";
  BoardFixture fixture;
  fixture.board().load(ElfFile::load(elf));
  GdbServer server("gdb", fixture.board(),
                   {"tcp:0", std::chrono::milliseconds(20'000), std::chrono::milliseconds(20'000)});
  const std::string port = server.endpoint().substr(4);
  const std::string base = fmt::format("{}/gdb_{}", DUET_FIRMWARE_DIR, port);
  std::ofstream(base + ".gdb") << "set pagination off\nset confirm off\ntarget remote 127.0.0.1:" << port
                               << "\ncontinue\nbacktrace\nmonitor harts\nkill\n";
  std::atomic<bool> gone = false;
  std::thread debugger([&] {
    // After some seconds GDB gets what a terminal sends at Ctrl-C.
    const std::string command = fmt::format(
        "timeout --foreground --kill-after 30 --signal INT 4 gdb-multiarch -nx -batch -x {0}.gdb {1} > "
        "{0}.out 2>&1",
        base, elf);
    [[maybe_unused]] const int status = std::system(command.c_str());
    gone = true;
  });
  while (!gone) fixture.run(sc_core::sc_time(1, sc_core::SC_MS));
  debugger.join();
  std::ifstream file(base + ".out");
  const std::string output{std::istreambuf_iterator<char>(file), {}};
  INFO(output);
  CHECK_THAT(output, Catch::Contains("Program received signal SIGINT"));
  CHECK_THAT(output, Catch::Contains("wrong_endless_loop ()"));
  CHECK_THAT(output, Catch::Contains("hart 0: runs at pc"));
  CHECK(fixture.hart().instructions() > 1000);
}

TEST_CASE("a debugger that detaches lets the program run on") {
  const Session session = debug("break work\ncontinue\ndetach\n");
  INFO(session.output);
  CHECK_THAT(session.output, Catch::Contains("detached"));
  REQUIRE(session.outcome);
  CHECK(session.console == "done 15\n");
}

TEST_CASE("the program starts without a debugger when none comes") {
  BoardFixture fixture;
  fixture.board().load(ElfFile::load(debuggee));
  const GdbServer server("gdb", fixture.board(),
                         {"unix:" DUET_FIRMWARE_DIR "/gdb.socket", std::chrono::milliseconds(50)});
  fixture.run(sc_core::sc_time(10, sc_core::SC_MS));
  CHECK(fixture.console.output == "done 15\n");
}
