// SPDX-License-Identifier: Apache-2.0
// Chiplets whose arrays are at level `pe`.
#include <catch2/catch.hpp>
#include <random>

#include "array_reference.hpp"
#include "chiplet_bench.hpp"
#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using namespace duet;
using namespace duet::test;

namespace {

core::NodeTypeDescription detailed_chiplet() {
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.systolic->level = core::ArrayLevel::pe;
  type.vector->level = core::ArrayLevel::pe;
  return type;
}

uint32_t random32(std::mt19937_64& random, uint64_t low, uint64_t high) {
  return static_cast<uint32_t>(random_in(random, low, high));
}

duet_descriptor random_operation(std::mt19937_64& random) {
  constexpr duet_opcode opcodes[] = {DUET_OP_GEMM,        DUET_OP_GEMV,       DUET_OP_ATTENTION,
                                     DUET_OP_SSM_PREFILL, DUET_OP_SSM_DECODE, DUET_OP_NORM};
  duet_descriptor descriptor{};
  descriptor.magic = DUET_DESCRIPTOR_MAGIC;
  descriptor.opcode = opcodes[random_in(random, 0, 5)];
  descriptor.engine = random_in(random, 0, 1) == 0 ? DUET_ENGINE_SYSTOLIC : DUET_ENGINE_VECTOR;
  descriptor.steps = static_cast<uint16_t>(random_in(random, 1, 5));
  duet_shape& shape = descriptor.shape;
  shape.m = random32(random, 1, 6);
  shape.k = random32(random, 1, 40);
  shape.n = random32(random, 1, 40);
  shape.heads = 4;
  shape.kv_heads = random_in(random, 0, 1) == 0 ? 2 : 4;
  shape.head_dim = random32(random, 1, 16);
  shape.states = random32(random, 1, 24);
  shape.k_blocks = random32(random, 0, 3);
  shape.sfu_passes = random32(random, 0, 2);
  shape.flags = random32(random, 0, 7);
  if (descriptor.opcode == DUET_OP_SSM_DECODE) shape.k = 1;
  return descriptor;
}

struct Outcome {
  std::vector<models::JobRecord> records;
  std::vector<std::string> warnings;
};

// One GEMM on the systolic arrays, then an SSM step on the vector units, with an operand from memory.
Outcome run_two(const core::NodeTypeDescription& type) {
  Outcome outcome;
  {
    ChipletBench bench(type);
    duet_descriptor gemm = elementwise_descriptor(bench);
    gemm.opcode = DUET_OP_GEMM;
    gemm.shape = {};
    gemm.shape.m = 16;
    gemm.shape.k = 50;
    gemm.shape.n = 20;
    duet_descriptor decode = elementwise_descriptor(bench);
    decode.opcode = DUET_OP_SSM_DECODE;
    decode.engine = DUET_ENGINE_VECTOR;
    decode.shape = {};
    decode.shape.m = 3;
    decode.shape.k = 1;
    decode.shape.n = 20;
    decode.shape.states = 16;
    decode.shape.head_dim = 4;
    bench.load({gemm, decode});
    REQUIRE(bench.run([&] {
      bench.start(DUET_VECTOR_SSM_DECODE << 4, 2);
      REQUIRE(bench.wait_for_interrupt());
    }));
    outcome.records = bench.records;
    outcome.warnings = bench.warnings;
  }
  return outcome;
}

}  // namespace

TEST_CASE("an array stepped register by register takes the closed form's cycles in every operation") {
  std::mt19937_64 random{61};
  core::NodeTypeDescription type = detailed_chiplet();
  for (const double bytes_per_second : {5e9, 30e9, 256e9}) {
    type.systolic->sram_bytes_per_second = type.vector->sram_bytes_per_second = bytes_per_second;
    const auto systolic = models::make_detailed_array(DUET_ENGINE_SYSTOLIC, type);
    const auto vector = models::make_detailed_array(DUET_ENGINE_VECTOR, type);
    for (int trial = 0; trial < 400; ++trial) {
      const duet_descriptor descriptor = random_operation(random);
      INFO("trial " << trial << ", opcode " << int{descriptor.opcode} << ", engine "
                    << int{descriptor.engine});
      const core::OperationTiming timing = core::operation_timing(descriptor, type, 7);
      models::DetailedArray& array = descriptor.engine == DUET_ENGINE_VECTOR ? *vector : *systolic;
      REQUIRE(array.step(timing) == timing.cycles);
    }
    CHECK(systolic->stepped_cycles() > 10'000);
    CHECK(vector->stepped_cycles() > 10'000);
  }
}

TEST_CASE("a chiplet at level pe has the times of one at level tile, and shows its registers") {
  const TemporaryFolder folder;
  core::NodeTypeDescription type = detailed_chiplet();
  type.systolic->vcd = {folder.file("gemm.vcd"), "array.pe[0..1][0..1],array.sram", {0, 60}};
  type.vector->vcd = {folder.file("ssm.vcd"), "array", {}};
  const Outcome pe = run_two(type);
  const Outcome tile = run_two(small_mixed_chiplet());
  REQUIRE(pe.records.size() == 2);
  REQUIRE(tile.records.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(pe.records[i].opcode == tile.records[i].opcode);
    CHECK(pe.records[i].start_ps == tile.records[i].start_ps);
    CHECK(pe.records[i].end_ps == tile.records[i].end_ps);
    CHECK(pe.records[i].compute_ps == tile.records[i].compute_ps);
    CHECK(pe.records[i].sram_stall_ps == tile.records[i].sram_stall_ps);
    CHECK(pe.records[i].macs == tile.records[i].macs);
  }
  CHECK(pe.warnings.empty());

  const bool gemm_first = pe.records[0].opcode == DUET_OP_GEMM;
  const models::JobRecord& gemm = pe.records[gemm_first ? 0 : 1];
  const VcdFile file = read_vcd(folder.file("gemm.vcd"));
  CHECK(file.signals.count("array.pe[2][0].we") == 0);
  CHECK(file.signals.at("array.pe[0][0].operation").first("mac_first") == gemm.start_ps);
  CHECK(file.signals.at("array.pe[0][0].accumulator").changes.size() > 40);
  CHECK(file.stamps.back() > gemm.start_ps);
  CHECK(file.stamps.back() <= gemm.end_ps);

  const models::JobRecord& decode = pe.records[gemm_first ? 1 : 0];
  const VcdFile ssm = read_vcd(folder.file("ssm.vcd"));
  CHECK(ssm.signals.at("array.mode").at(decode.start_ps) == "ssm");
  const uint64_t decay_ps = ssm.signals.at("array.unit[0][0].operation").first("decay");
  CHECK(decay_ps > decode.start_ps);
  CHECK(decay_ps < decode.end_ps);
  CHECK(ssm.signals.at("array.sfu.valid").at(decay_ps) == "1");
  CHECK(ssm.signals.at("array.unit[0][0].valid").at(decay_ps) == "1");
}

TEST_CASE("a window behind the work of a chiplet's array is a warning") {
  const TemporaryFolder folder;
  core::NodeTypeDescription type = detailed_chiplet();
  type.systolic->vcd = {folder.file("late.vcd"), "array", {1'000'000, 1'000'100}};
  std::vector<std::string> warnings;
  {
    ChipletBench bench(type);
    duet_descriptor gemm = elementwise_descriptor(bench);
    gemm.opcode = DUET_OP_GEMM;
    gemm.shape.k = 4;
    bench.load({gemm});
    REQUIRE(bench.run([&] {
      bench.start(0, 1);
      REQUIRE(bench.wait_for_interrupt());
    }));
    bench.end();
    warnings = bench.warnings;
  }
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("no work in the cycles 1000000:1000100") != std::string::npos);
}
