// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "array_trials.hpp"
#include "duet/models/systolic/systolic_engine.hpp"

using namespace duet;
using namespace duet::models;
using namespace duet::test;

namespace {

constexpr double clock_hz = trial_clock_hz;

core::SystolicArrayDescription random_systolic(std::mt19937_64& random, unsigned largest) {
  auto array = random_array<core::SystolicArrayDescription>(random, largest, 100, largest);
  array.schedule =
      random_in(random, 0, 1) == 0 ? core::ArraySchedule::plain : core::ArraySchedule::overlapped;
  return array;
}

void gemm_trials(int trials, unsigned largest_array, uint64_t largest_matrix) {
  std::mt19937_64 random{11};
  for (int trial = 0; trial < trials; ++trial) {
    const auto array = random_systolic(random, largest_array);
    const core::GemmShape shape{random_in(random, 1, largest_matrix), random_in(random, 1, largest_matrix),
                                random_in(random, 1, largest_matrix), random_in(random, 0, 1) == 1};
    const auto a = random_halves(random, shape.m * shape.k, 1.0);
    const auto b = random_halves(random, shape.k * shape.n, 1.0);
    const GemmOperands operands{shape, a, b};
    INFO("trial " << trial << ": " << array.rows << " x " << array.columns << " on " << shape.m << ", "
                  << shape.k << ", " << shape.n);
    SystolicEngine engine(array, clock_hz);
    const ArrayRun run = engine.gemm(operands);
    const core::ArrayTime tile = core::gemm_time(array, clock_hz, shape);
    const auto reference = reference_gemm(operands, rounding_of(array));
    if (!shape.partial_results) {
      require_run(run, tile, reference);
      continue;
    }
    require_same_time(run.time, tile);
    REQUIRE(differing(run.sums, reference) == 0);
  }
}

void ssm_trials(int trials, unsigned largest_array, uint64_t largest_shape, bool mamba1) {
  std::mt19937_64 random{mamba1 ? 13U : 12U};
  for (int trial = 0; trial < trials; ++trial) {
    const auto array = random_systolic(random, largest_array);
    const core::SsmShape shape{.tokens = random_in(random, 1, largest_shape),
                               .channels = random_in(random, 1, largest_shape),
                               .states = random_in(random, 1, largest_shape),
                               .chunk = random_in(random, 0, 9),
                               .channels_per_head = random_in(random, 1, 16),
                               .mamba1 = mamba1,
                               .initial_state = random_in(random, 0, 1) == 1};
    INFO("trial " << trial);
    SystolicEngine engine(array, clock_hz);
    require_ssm(engine, SystolicMode::ssm, shape, core::ssm_prefill_time(array, clock_hz, shape), random,
                nullptr);
  }
}

}  // namespace

TEST_CASE("GEMM: values bit for bit, cycles and traffic as the closed form, over 1000 random shapes") {
  gemm_trials(1000, 12, 40);
}

TEST_CASE("SSM prefill of Mamba-2: values bit for bit, cycles and traffic as the closed form, 1000 shapes") {
  ssm_trials(1000, 12, 24, false);
}

TEST_CASE("SSM prefill of Mamba-1: values bit for bit, cycles and traffic as the closed form, 1000 shapes") {
  ssm_trials(1000, 12, 24, true);
}

TEST_CASE("systolic kernels over larger random shapes", "[.][soak]") {
  gemm_trials(200, 70, 200);
  ssm_trials(200, 70, 100, false);
  ssm_trials(200, 70, 60, true);
}

TEST_CASE("infinities, NaN and subnormals pass through a GEMM as the standard says") {
  core::SystolicArrayDescription array;
  array.rows = 4;
  array.columns = 3;
  array.accumulation = GENERATE(core::Accumulation::fp16, core::Accumulation::fp32);
  const std::vector<uint16_t> special{0x7C00, 0xFC00, 0x7E00, 0x0001, 0x8001, 0x0400, 0x03FF, 0x7BFF,
                                      0xFBFF, 0x0000, 0x8000, 0x3C00, 0x3800, 0x2000, 0x1001, 0xBC00};
  std::mt19937_64 random{5};
  const core::GemmShape shape{9, 3, 10};
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<uint16_t> a(shape.m * shape.k);
    std::vector<uint16_t> b(shape.k * shape.n);
    for (uint16_t& value : a) value = special[random_in(random, 0, special.size() - 1)];
    for (uint16_t& value : b) value = special[random_in(random, 0, special.size() - 1)];
    SystolicEngine engine(array, clock_hz);
    const ArrayRun run = engine.gemm({shape, a, b});
    const auto reference = reference_gemm({shape, a, b}, {array.accumulation == core::Accumulation::fp16});
    REQUIRE(differing(run.values, reference) == 0);
  }
}

TEST_CASE("a PE that drops one register update is caught by the values") {
  core::SystolicArrayDescription array;
  array.rows = 6;
  array.columns = 5;
  array.sfu.exact = true;
  array.sram_bytes_per_second = std::numeric_limits<double>::infinity();
  std::mt19937_64 random{6};
  SystolicEngine engine(array, clock_hz);
  SECTION("GEMM") {
    const core::GemmShape shape{6, 20, 5};
    const auto a = random_halves(random, shape.m * shape.k, 1.0);
    const auto b = random_halves(random, shape.k * shape.n, 1.0);
    const auto reference = reference_gemm({shape, a, b}, {false});
    for (const PeRegister which : {PeRegister::we, PeRegister::ns, PeRegister::accumulator}) {
      engine.inject({.row = 2, .column = 3, .pe_register = which, .step = 12});
      CHECK(differing(engine.gemm({shape, a, b}).values, reference) > 0);
    }
    // The SSM registers are clock-gated in GEMM mode: nothing there to break.
    for (const PeRegister which : {PeRegister::ssm1, PeRegister::ssm2}) {
      engine.inject({.row = 2, .column = 3, .pe_register = which, .step = 12});
      CHECK(differing(engine.gemm({shape, a, b}).values, reference) == 0);
    }
    CHECK(differing(engine.gemm({shape, a, b}).values, reference) == 0);
  }
  SECTION("SSM") {
    engine.set_mode(SystolicMode::ssm);
    const core::SsmShape shape{.tokens = 10, .channels = 6, .states = 5, .channels_per_head = 3};
    const SsmStorage storage(shape, random);
    const SsmReference reference = reference_ssm(storage.operands(shape), {false}, nullptr);
    CHECK(differing(engine.ssm(storage.operands(shape)).values, reference.y) == 0);
    for (unsigned i = 0; i < pe_registers; ++i) {
      size_t caught = 0;
      for (uint64_t step = 20; step < 23; ++step) {  // one of three steps uses the register
        engine.inject({.row = 2, .column = 3, .pe_register = static_cast<PeRegister>(i), .step = step});
        caught += differing(engine.ssm(storage.operands(shape)).values, reference.y);
      }
      INFO("register " << i);
      CHECK(caught > 0);
    }
  }
}

TEST_CASE("a kernel in the wrong mode, or with operands of the wrong size, is refused") {
  core::SystolicArrayDescription array;
  array.rows = array.columns = 4;
  SystolicEngine engine(array, clock_hz);
  std::mt19937_64 random{7};
  const core::SsmShape ssm_shape{.tokens = 2, .channels = 4, .states = 4};
  const SsmStorage storage(ssm_shape, random);
  CHECK(engine.ssm(storage.operands(ssm_shape)).status == ArrayStatus::wrong_mode);
  CHECK(engine.set_mode(SystolicMode::ssm) == array.mode_switch_cycles);
  CHECK(engine.set_mode(SystolicMode::ssm) == 0);
  CHECK(engine.ssm(storage.operands(ssm_shape)).status == ArrayStatus::ok);
  const auto a = random_halves(random, 4, 1.0);
  CHECK(engine.gemm({{2, 2, 2}, a, a}).status == ArrayStatus::wrong_mode);
  engine.set_mode(SystolicMode::gemm);
  CHECK(engine.gemm({{2, 2, 2}, a, a}).status == ArrayStatus::ok);
  CHECK(engine.gemm({{2, 3, 2}, a, a}).status == ArrayStatus::bad_operands);
  CHECK(engine.gemm({{0, 2, 2}, {}, a}).status == ArrayStatus::bad_operands);
}

TEST_CASE("in SSM mode the SRAM sees inputs, outputs and the final state only") {
  core::SystolicArrayDescription array;
  array.rows = 16;
  array.columns = 8;
  array.sfu.exact = true;
  const core::SsmShape shape{.tokens = 50, .channels = 16, .states = 8, .channels_per_head = 16};
  std::mt19937_64 random{8};
  const SsmStorage storage(shape, random);
  SystolicEngine engine(array, clock_hz);
  engine.set_mode(SystolicMode::ssm);
  const ArrayRun run = engine.ssm(storage.operands(shape));
  const uint64_t inputs = 2 * (storage.x.size() + storage.delta.size() + storage.a.size() + storage.b.size() +
                               storage.c.size() + storage.d.size());
  CHECK(run.time.sram_read_bytes == inputs);
  CHECK(run.time.sram_write_bytes == 2 * run.values.size() + 4 * run.sums.size());
  array.fuse_ssm = false;
  SystolicEngine unfused(array, clock_hz);
  unfused.set_mode(SystolicMode::ssm);
  const ArrayRun slow = unfused.ssm(storage.operands(shape));
  CHECK(slow.values == run.values);
  CHECK(slow.time.intermediate_bytes == 7ULL * 4 * 50 * 16 * 8);
  CHECK(slow.time.cycles > run.time.cycles);
}
