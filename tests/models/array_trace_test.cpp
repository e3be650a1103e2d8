// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <bit>
#include <catch2/catch.hpp>
#include <fstream>
#include <limits>
#include <random>

#include "array_comparison.hpp"
#include "duet/core/clock.hpp"
#include "duet/models/systolic/systolic_trace.hpp"
#include "duet/models/vector/vector_trace.hpp"
#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using namespace duet;
using namespace duet::models;
using namespace duet::test;

namespace {

constexpr double clock_hz = 1e9;  // cycle n lies at n * 1000 ps

core::VcdOptions options(const TemporaryFolder& folder, const std::string& selection) {
  core::VcdOptions o;
  o.path = folder.file("array.vcd");
  o.selection = core::NameSelection(selection);
  return o;
}

std::string binary(uint64_t value) {
  std::string digits = fmt::format("{:b}", value);
  return digits;
}

}  // namespace

TEST_CASE("a VCD of a systolic array shows each register where the schedule puts it") {
  const TemporaryFolder folder;
  core::SystolicArrayDescription array;
  array.rows = 4;
  array.columns = 3;
  array.sram_bytes_per_second = std::numeric_limits<double>::infinity();
  const core::GemmShape shape{4, 5, 3};
  std::mt19937_64 random{51};
  const auto a = random_halves(random, shape.m * shape.k, 1.0);
  const auto b = random_halves(random, shape.k * shape.n, 1.0);
  core::VcdWriter vcd(options(folder, "array.pe[1..2][0..1],array.mode,array.sram"));
  SystolicTrace trace(vcd, "array", array, clock_hz);
  SystolicEngine engine(array, clock_hz);
  engine.observe(&trace);
  const ArrayRun run = engine.gemm({shape, a, b});
  vcd.close(run.time.cycles * 1000);
  CHECK(vcd.warning().empty());
  const VcdFile file = read_vcd(folder.file("array.vcd"));
  CHECK(file.signals.count("array.pe[0][0].we") == 0);
  CHECK(file.signals.count("array.pe[3][1].we") == 0);
  for (unsigned row = 1; row <= 2; ++row) {
    for (unsigned column = 0; column <= 1; ++column) {
      const std::string pe = fmt::format("array.pe[{}][{}]", row, column);
      for (unsigned k = 0; k < shape.k; ++k) {
        const uint64_t at_ps = (k + row + column) * 1000;
        INFO(pe << " k " << k);
        CHECK(file.signals.at(pe + ".operation").at(at_ps) == (k == 0 ? "mac_first" : "mac"));
        CHECK(file.signals.at(pe + ".valid").at(at_ps) == "1");
        CHECK(file.signals.at(pe + ".ns").at(at_ps) == binary(b[k * shape.n + column]));
        const auto word = static_cast<float>(half_to_double(a[row * shape.k + k]));
        CHECK(file.signals.at(pe + ".we").at(at_ps) == binary(std::bit_cast<uint32_t>(word)));
      }
      const auto reference = reference_gemm({shape, a, b}, {false});
      const auto sum = static_cast<float>(reference[row * shape.n + column].value);
      CHECK(file.signals.at(pe + ".accumulator").at((shape.k + row + column) * 1000) ==
            binary(std::bit_cast<uint32_t>(sum)));
    }
  }
  CHECK(file.signals.at("array.sram.read_bytes").at(0) == binary(14));
  std::ifstream savefile(vcd.savefile_path());
  CHECK(savefile.good());
}

TEST_CASE("a window of an SSM's trace has changes inside of it only") {
  const TemporaryFolder folder;
  core::SystolicArrayDescription array;
  array.rows = array.columns = 4;
  array.sfu.exact = true;
  const core::SsmShape shape{.tokens = 40, .channels = 4, .states = 4, .channels_per_head = 4};
  std::mt19937_64 random{52};
  const SsmStorage storage(shape, random);
  core::VcdOptions o = options(folder, "array");
  o.begin_ps = 50'000;
  o.end_ps = 81'000;
  core::VcdWriter vcd(o);
  SystolicTrace trace(vcd, "array", array, clock_hz);
  trace.set_window({50, 80});
  SystolicEngine engine(array, clock_hz);
  engine.set_mode(SystolicMode::ssm);
  engine.observe(&trace);
  engine.ssm(storage.operands(shape));
  vcd.close();
  const VcdFile file = read_vcd(folder.file("array.vcd"));
  CHECK(file.signals.at("array.mode").at(50'000) == "ssm");
  CHECK(file.signals.at("array.sfu.valid").changes.size() > 10);
  // Three steps a token: decay, input, output.
  const auto& operation = file.signals.at("array.pe[2][1].operation");
  CHECK(operation.changes.size() >= 30);
  const uint64_t decay = operation.first("decay", 55'000);
  CHECK(operation.at(decay + 1000) == "input");
  CHECK(operation.at(decay + 2000) == "output");
  CHECK(operation.at(decay + 3000) == "decay");
  for (const auto& [name, signal] : file.signals) {
    for (const auto& [time, value] : signal.changes) REQUIRE((time >= 50'000 && time < 81'000));
  }
}

TEST_CASE("a VCD of a vector-unit array shows the reduction tree level by level") {
  const TemporaryFolder folder;
  core::VectorArrayDescription array;
  array.rows = 2;
  array.columns = 1;
  array.lanes = 4;
  array.sram_bytes_per_second = std::numeric_limits<double>::infinity();
  const core::GemvShape shape{1, 8, 1};
  const std::vector<uint16_t> matrix(8, half_bits(1.0));
  std::vector<uint16_t> vector;
  for (int i = 1; i <= 8; ++i) vector.push_back(half_bits(i));
  core::VcdWriter vcd(options(folder, "array"));
  VectorTrace trace(vcd, "array", array, clock_hz);
  VectorEngine engine(array, clock_hz);
  engine.observe(&trace);
  const ArrayRun run = engine.gemv({shape, matrix, vector});
  vcd.close(run.time.cycles * 1000);
  CHECK(run.values[0] == half_bits(36.0));
  const VcdFile file = read_vcd(folder.file("array.vcd"));
  const auto bits = [](float value) { return binary(std::bit_cast<uint32_t>(value)); };
  // One step to load the vector; unit 1 follows unit 0 by a step; lane i is added to lane i + 2, then + 1.
  const std::string unit = "array.unit[1][0].";
  CHECK(file.signals.at("array.unit[0][0].operation").at(1000) == "dot");
  CHECK(file.signals.at(unit + "operation").at(2000) == "dot");
  CHECK(file.signals.at(unit + "lane[2].product").at(2000) == bits(7));
  CHECK(file.signals.at(unit + "tree.level[1].node[0]").at(3000) == bits(12));
  CHECK(file.signals.at(unit + "tree.level[1].node[1]").at(3000) == bits(14));
  CHECK(file.signals.at(unit + "tree.level[2].node[0]").at(4000) == bits(26));
  CHECK(file.signals.at(unit + "chain").at(5000) == bits(36));
}
