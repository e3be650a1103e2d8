// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>

#include "duet/memory/trace_runner.hpp"

using namespace duet;

namespace {

std::vector<memory::Cycle> done_clocks(const std::string& standard, const std::string& trace) {
  const std::string path = std::string{DUET_SOURCE_DIR "/tests/reference/dram/micro/"} + trace + ".txt";
  std::ifstream file(path);
  core::MemoryDescription memory;
  memory.standard = standard;
  memory.read_queue = memory.write_queue = 32;
  memory.refresh = core::RefreshMode::none;
  memory::ChannelController controller(memory);
  std::vector<memory::Cycle> clocks;
  for (const auto& outcome :
       run_trace(controller, memory::read_trace(file, path), core::standard_of(memory).timing.tck_ps))
    clocks.push_back(outcome.done);
  return clocks;
}

using Clocks = std::vector<memory::Cycle>;

}  // namespace

// Worked out by hand from the timing table. An HBM3 ACT occupies clocks 1 and 2, so RD is 31 after 2.
TEST_CASE("HBM3 micro traces finish in the clocks that the table gives") {
  CHECK(done_clocks("hbm3_6400", "hbm3_m1_single_read") == Clocks{33 + 20 + 2});
  CHECK(done_clocks("hbm3_6400", "hbm3_m2_hit_same_bg") == Clocks{55, 59, 63, 67});  // tCCD_L 4
  // tRRD_S 4 apart; later hits: offered at 200 ns = clock 320, tCCD_S 2 apart.
  CHECK(done_clocks("hbm3_6400", "hbm3_m3_hit_diff_bg") == Clocks{55, 59, 63, 67, 343, 345, 347, 349});
  CHECK(done_clocks("hbm3_6400", "hbm3_m4_row_conflict") == Clocks{55, 127, 199});  // tRC 72
  // tFAW 24: ACTs at 1 5 9 13, 25 29 33 37, 49.
  CHECK(done_clocks("hbm3_6400", "hbm3_m5_four_act_window") == Clocks{55, 59, 63, 67, 79, 83, 87, 91, 103});
  // WR at 2 + 15, data to 29; RD at 17 + 10 + 2 + tWTR_L 10.
  CHECK(done_clocks("hbm3_6400", "hbm3_m6_write_then_read_same_bg") == Clocks{29, 39 + 22});
  // The read at 200 ns is offered at clock 320: RD 321; the write at 201 ns (322): WR at 321 + tRTW 20.
  CHECK(done_clocks("hbm3_6400", "hbm3_m8_read_then_write") == Clocks{55, 321 + 22, 341 + 12});
  // WR at 17; PRE at 17 + 10 + 2 + tWR 33; ACT takes effect tRP 26 later; RD 31 after that.
  CHECK(done_clocks("hbm3_6400", "hbm3_m9_write_recovery") == Clocks{29, 62 + 26 + 31 + 22});
}

// ACT, RD and WR occupy two clocks each and count from the second.
TEST_CASE("GDDR7 micro traces finish in the clocks that the table gives") {
  CHECK(done_clocks("gddr7_28000", "gddr7_m1_single_read") == Clocks{2 + 30 + 24 + 2});
  CHECK(done_clocks("gddr7_28000", "gddr7_m4_row_conflict") == Clocks{58, 148, 238});  // tRC 90
  // Four banks, tRRD 4 and no tFAW; the ninth access is to the ninth bank.
  CHECK(done_clocks("gddr7_28000", "gddr7_m5_four_act_window") == Clocks{58, 62, 66, 70, 74, 78, 82, 86, 90});
  // m2: bursts of one bank, tCCD same bank 4.
  CHECK(done_clocks("gddr7_28000", "gddr7_m2_hit_same_bg") == Clocks{58, 62, 66, 70});
}
