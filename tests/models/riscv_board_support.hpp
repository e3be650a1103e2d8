// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "duet/core/simulation_context.hpp"
#include "duet/models/riscv/board.hpp"
#include "support/watched_sockets.hpp"

/// A board without packages, in a simulation of its own.
class BoardFixture {
 public:
  explicit BoardFixture(duet::core::BoardDescription description = {}) {
    description.check = true;
    board_ = std::make_unique<duet::models::riscv::Board>("board", description, 0, console);
  }
  ~BoardFixture() {
    duet::test::WatchedSockets::expect_none(board_->protocol_violations());
    board_.reset();
  }
  BoardFixture(const BoardFixture&) = delete;
  BoardFixture& operator=(const BoardFixture&) = delete;

  /// Puts machine code at the start of RAM and starts every hart there.
  void load_words(const std::vector<uint32_t>& words) {
    for (size_t i = 0; i < words.size(); ++i) {
      for (unsigned byte = 0; byte < 4; ++byte) {
        board_->ram()[4 * i + byte] = static_cast<uint8_t>(words[i] >> (8 * byte));
      }
    }
    for (unsigned i = 0; i < board_->harts(); ++i)
      board_->hart(i).interpreter().set_pc(board_->description().ram_base);
  }
  /// Runs until the board finishes, at most that long.
  void run(sc_core::sc_time limit = sc_core::sc_time(1, sc_core::SC_SEC)) { sc_core::sc_start(limit); }

  duet::models::riscv::Board& board() { return *board_; }
  duet::models::riscv::Hart& hart(unsigned index = 0) { return board_->hart(index); }

  duet::models::riscv::StringConsole console;

 private:
  duet::core::SimulationContext context_;
  std::unique_ptr<duet::models::riscv::Board> board_;
};
