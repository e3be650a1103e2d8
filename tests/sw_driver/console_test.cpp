// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "../models/riscv_board_support.hpp"
#include "duet/core/error.hpp"
#include "support/temporary_folder.hpp"

using namespace duet;
using namespace duet::models::riscv;

namespace {

/// A board whose UART goes to this console, with the shipped hello.
struct Machine {
  explicit Machine(CharacterDevice& console) : board("board", {}, 0, console) {
    board.load(ElfFile::load(DUET_FIRMWARE_DIR "/hello.elf"));
    sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_MS));
  }
  core::SimulationContext context;
  Board board;
};

std::string read_available(int file) {
  std::string text;
  char buffer[256];
  pollfd waiting{file, POLLIN, 0};
  while (poll(&waiting, 1, 200) > 0 && (waiting.revents & POLLIN) != 0) {
    const ssize_t count = ::read(file, buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<size_t>(count));
  }
  return text;
}

}  // namespace

TEST_CASE("a pseudo-terminal carries the UART both ways") {
  const auto console = open_console("pty");
  REQUIRE(console->where().starts_with("/dev/pts/"));
  const int terminal = ::open(console->where().c_str(), O_RDWR | O_NOCTTY);
  REQUIRE(terminal >= 0);
  Machine machine(*console);
  CHECK_THAT(read_available(terminal), Catch::StartsWith("hello from hart 0 after "));
  CHECK_FALSE(console->get());
  REQUIRE(::write(terminal, "ok", 2) == 2);
  CHECK(console->get() == 'o');
  CHECK(console->get() == 'k');
  CHECK_FALSE(console->get());
  ::close(terminal);
}

TEST_CASE("a pseudo-terminal that nobody reads does not stop the program") {
  const auto console = open_console("pty");
  for (int i = 0; i < 100'000; ++i) console->put('x');
  Machine machine(*console);
  CHECK(machine.board.outcome());
}

TEST_CASE("a file takes the UART's output") {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("console.txt");
  {
    const auto console = open_console(path);
    CHECK(console->where() == path);
    Machine machine(*console);
  }
  CHECK_THAT(test::read_text(path),
             Catch::StartsWith("hello from hart 0 after ") && Catch::EndsWith(" ns\n"));
  CHECK_THROWS_AS(open_console("/nonexistent/folder/console.txt"), core::UserError);
}

TEST_CASE("no console drops the output") {
  const auto console = open_console("none");
  Machine machine(*console);
  CHECK(machine.board.outcome()->exit_code == 0);
  CHECK_FALSE(console->get());
}
