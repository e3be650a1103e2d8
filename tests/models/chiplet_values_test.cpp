// SPDX-License-Identifier: Apache-2.0
// A chiplet in functional mode, through its sockets: values of single descriptors, and guest mistakes.
#include <bit>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "array_reference.hpp"
#include "chiplet_values_bench.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("A product of a functional chiplet is the arrays' reference bit by bit", "[chiplet][values]") {
  const auto engine = GENERATE(DUET_ENGINE_SYSTOLIC, DUET_ENGINE_VECTOR);
  const Rounding round{GENERATE(false, true)};
  const uint64_t k = GENERATE(24, 256);
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.systolic->count = type.vector->count = 4;
  type.systolic->accumulation = type.vector->accumulation =
      round.fp16 ? core::Accumulation::fp16 : core::Accumulation::fp32;
  ChipletBench bench(type, true);
  std::mt19937_64 random(7);
  const uint64_t m = 3, n = 5;
  const auto a = random_halves(random, m * k, 1);
  const auto w = random_halves(random, n * k, 1);
  const bool vector = engine == DUET_ENGINE_VECTOR;
  duet_descriptor gemm = descriptor_of(vector ? DUET_OP_GEMV : DUET_OP_GEMM, engine);
  gemm.shape.m = m;
  gemm.shape.k = static_cast<uint32_t>(k);
  gemm.shape.n = n;
  add_inputs(bench, gemm, {a, w});
  const std::vector<uint16_t> result = run_one(bench, gemm, m * n);
  // Arrays that share k add their sums in its order.
  const uint64_t split =
      vector ? core::chiplet_gemv_time(*type.vector, type.clock_hz, {.n = n, .k = k, .vectors = m}).split_k
             : core::chiplet_gemm_time(*type.systolic, type.clock_hz, {.m = m, .k = k, .n = n}).split_k;
  if (k > 24) CHECK(split > 1);
  const uint64_t slice = (k + split - 1) / split;
  const TreeOrder tree{type.vector->lanes, type.vector->rows};
  for (uint64_t i = 0; i < result.size(); ++i) {
    const uint16_t* x = &a[i / n * k];
    const uint16_t* row = &w[i % n * k];
    double total = 0;
    for (uint64_t first = 0; first < k; first += slice) {
      const uint64_t size = std::min(slice, k - first);
      double part = 0;
      if (vector) {
        part = reference_dot(row + first, x + first, size, size, round, tree).value;
      } else {
        for (uint64_t j = first; j < first + size; ++j)
          part = round(part + round(half_to_double(x[j]) * half_to_double(row[j])));
      }
      total = first == 0 ? part : round(total + part);
    }
    CHECK(result[i] == half_bits(total));
  }
}

TEST_CASE("Arg-max takes the first of equal logits and no NaN", "[chiplet][values]") {
  ChipletBench bench(small_mixed_chiplet(), true);
  duet_descriptor argmax = descriptor_of(DUET_OP_ARGMAX, DUET_ENGINE_VECTOR);
  argmax.shape.m = 2;
  argmax.shape.n = 4;
  add_inputs(bench, argmax,
             {{0x7E00, half_bits(-3), half_bits(2), half_bits(2), half_bits(5), half_bits(1), 0x7E00,
               half_bits(4)}});
  const auto words = run_one(bench, argmax, 4);
  CHECK(words == std::vector<uint16_t>{2, 0, 0, 0});
}

TEST_CASE("A descriptor without defined values is an error of the guest", "[chiplet][values][errors]") {
  ChipletBench bench(small_mixed_chiplet(), true);
  duet_descriptor gemm = descriptor_of(DUET_OP_GEMM, DUET_ENGINE_SYSTOLIC);
  gemm.shape.m = gemm.shape.k = gemm.shape.n = 8;
  add_inputs(bench, gemm, {std::vector<uint16_t>(64), std::vector<uint16_t>(64)});
  gemm.outputs[0] = operand(bench, result_offset, 128);
  std::string reason;
  SECTION("no layout") {
    gemm.values.flags = 0;
    reason = "no layout";
  }
  SECTION("several steps") {
    gemm.steps = 4;
    reason = "1 step";
  }
  SECTION("an input in stripes") {
    gemm.inputs[0].address = core::AddressMap::interleaved_base(0, 0, 0);
    reason = "stripes";
  }
  SECTION("an input that is too short") {
    gemm.inputs[1].bytes = 126;
    reason = "do not agree";
  }
  SECTION("an output that is too long") {
    gemm.outputs[0].bytes = 130;
    reason = "do not agree";
  }
  SECTION("a share beyond the group") {
    gemm.inputs[0].flags = DUET_OPERAND_SHARED;
    gemm.inputs[0].group_members = 2;
    gemm.inputs[0].group_bytes = 256;
    gemm.values.member = 2;
    reason = "share 2 of 2";
  }
  SECTION("an operation whose values are not defined") {
    gemm.opcode = DUET_OP_ROTARY;
    reason = "has no values";
  }
  bench.load({gemm});
  REQUIRE(bench.run([&] {
    bench.start(0, 1);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_BAD_DESCRIPTOR);
  }));
  REQUIRE(bench.warnings.size() == 1);
  CHECK_THAT(bench.warnings[0], Catch::Contains(reason));
}

TEST_CASE("Whatever shape a guest writes, the host survives", "[chiplet][values][errors]") {
  const bool functional = GENERATE(false, true);
  std::mt19937_64 random(9);
  ChipletBench bench(small_mixed_chiplet(), functional);
  const auto small = [&] { return static_cast<uint32_t>(random_in(random, 0, 6)); };
  for (int i = 0; i < 300; ++i) {
    const auto opcode = static_cast<duet_opcode>(random_in(random, 1, DUET_OP_COUNT - 1));
    const auto engine = static_cast<duet_engine>(random_in(random, 0, 2));
    duet_descriptor descriptor = descriptor_of(opcode, engine);
    descriptor.shape = {small(), small(), small(), small(),
                        small(), small(), small(), 0,
                        0,       0,       small(), static_cast<uint32_t>(random_in(random, 0, 7))};
    descriptor.values.flags = static_cast<uint16_t>(1 | random_in(random, 0, 63));
    descriptor.values.batch = static_cast<uint16_t>(small());
    descriptor.values.groups = static_cast<uint16_t>(small());
    descriptor.values.rows = small();
    for (unsigned slot = 0; slot < 3; ++slot)
      descriptor.inputs[slot] = operand(bench, uint64_t{slot} << 16, 2 * random_in(random, 1, 40));
    descriptor.outputs[0] = operand(bench, result_offset, 2 * random_in(random, 1, 40));
    const bool ssm = opcode == DUET_OP_SSM_PREFILL || opcode == DUET_OP_SSM_DECODE;
    bench.load({descriptor});
    REQUIRE(bench.run([&] {
      bench.write(DUET_CHIPLET_reset, 1);
      bench.write(DUET_CHIPLET_interrupt_clear, 3);
      bench.start(ssm ? DUET_MODE(1, 1) : 0, 1);
      CHECK(bench.wait_for_interrupt());
      sc_core::wait(10, sc_core::SC_US);
    }));
  }
}
