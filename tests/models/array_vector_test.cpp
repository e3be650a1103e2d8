// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "array_trials.hpp"
#include "duet/models/systolic/systolic_engine.hpp"
#include "duet/models/vector/vector_engine.hpp"

using namespace duet;
using namespace duet::models;
using namespace duet::test;

namespace {

constexpr double clock_hz = trial_clock_hz;

core::VectorArrayDescription random_vector(std::mt19937_64& random, unsigned largest) {
  auto array = random_array<core::VectorArrayDescription>(random, largest, 230, 40);
  array.lanes = 1U << random_in(random, 0, 5);
  array.local_buffer_bytes = array.lanes * 2 * random_in(random, 1, 8);
  return array;
}

std::vector<Bounded> reference_gemv(const core::VectorArrayDescription& array, const GemvOperands& o) {
  const uint64_t slice = core::plan_gemv(array, clock_hz, o.shape).k_slice;
  std::vector<Bounded> y;
  for (uint64_t v = 0; v < o.shape.vectors; ++v) {
    for (uint64_t n = 0; n < o.shape.n; ++n) {
      y.push_back(reference_dot(&o.matrix[n * o.shape.k], &o.vectors[v * o.shape.k], o.shape.k, slice,
                                rounding_of(array), {array.lanes, array.rows}));
    }
  }
  return y;
}

void gemv_trials(int trials, unsigned largest_array, uint64_t largest_k) {
  std::mt19937_64 random{21};
  for (int trial = 0; trial < trials; ++trial) {
    const auto array = random_vector(random, largest_array);
    const core::GemvShape shape{random_in(random, 1, 60), random_in(random, 1, largest_k),
                                random_in(random, 1, 6), random_in(random, 0, 3) == 0};
    const auto matrix = random_halves(random, shape.n * shape.k, 1.0);
    const auto vectors = random_halves(random, shape.vectors * shape.k, 1.0);
    INFO("trial " << trial << ": " << array.rows << " x " << array.columns << " x " << array.lanes << " on "
                  << shape.n << ", " << shape.k << ", " << shape.vectors);
    VectorEngine engine(array, clock_hz);
    const ArrayRun run = engine.gemv({shape, matrix, vectors});
    const core::ArrayTime tile = core::gemv_time(array, clock_hz, shape);
    const auto reference = reference_gemv(array, {shape, matrix, vectors});
    if (!shape.partial_results) {
      require_run(run, tile, reference);
      continue;
    }
    require_same_time(run.time, tile);
    REQUIRE(differing(run.sums, reference) == 0);
  }
}

void ssm_trials(int trials, unsigned largest_array, uint64_t largest_states, bool mamba1) {
  std::mt19937_64 random{mamba1 ? 23U : 22U};
  for (int trial = 0; trial < trials; ++trial) {
    const auto array = random_vector(random, largest_array);
    core::SsmShape shape{.tokens = random_in(random, 0, 1) == 0 ? 1 : random_in(random, 2, 9),
                         .channels = random_in(random, 1, 50),
                         .states = random_in(random, 1, largest_states),
                         .channels_per_head = random_in(random, 1, 16),
                         .mamba1 = mamba1,
                         .initial_state = random_in(random, 0, 1) == 1};
    if (shape.tokens == 1) shape.initial_state = true;
    INFO("trial " << trial << ", lanes " << array.lanes);
    VectorEngine engine(array, clock_hz);
    const TreeOrder tree{array.lanes, array.rows};
    require_ssm(engine, VectorMode::ssm, shape, core::ssm_decode_time(array, clock_hz, shape), random, &tree);
  }
}

}  // namespace

TEST_CASE("GEMV: values bit for bit, cycles and traffic as the closed form, over 1000 random shapes") {
  gemv_trials(1000, 6, 150);
}

TEST_CASE("SSM decode of Mamba-2: values bit for bit, cycles and traffic as the closed form, 1000 shapes") {
  ssm_trials(1000, 5, 60, false);
}

TEST_CASE("SSM decode of Mamba-1: values bit for bit, cycles and traffic as the closed form, 1000 shapes") {
  ssm_trials(1000, 5, 60, true);
}

TEST_CASE("vector kernels over larger random shapes", "[.][soak]") {
  gemv_trials(200, 16, 2000);
  ssm_trials(200, 16, 400, false);
  ssm_trials(200, 16, 400, true);
}

TEST_CASE("prefill of T tokens followed by decode equals decode of all tokens") {
  const auto accumulation = GENERATE(core::Accumulation::fp16, core::Accumulation::fp32);
  const bool mamba1 = GENERATE(false, true);
  core::SystolicArrayDescription systolic;
  systolic.rows = 8;
  systolic.columns = 8;
  core::VectorArrayDescription vector;
  vector.rows = 4;
  vector.columns = 2;
  vector.lanes = 8;
  systolic.accumulation = vector.accumulation = accumulation;
  constexpr uint64_t tokens = 12;
  constexpr uint64_t prefilled = 9;
  core::SsmShape shape{
      .tokens = tokens, .channels = 12, .states = 20, .channels_per_head = 4, .mamba1 = mamba1};
  std::mt19937_64 random{25};
  const SsmStorage all(shape, random);
  const uint64_t heads = SsmOperands::heads(shape);
  const auto part = [&](uint64_t first, uint64_t count, std::span<const float> state) {
    SsmOperands o = all.operands(shape);
    o.shape.tokens = count;
    o.shape.initial_state = !state.empty();
    o.x = o.x.subspan(first * shape.channels, count * shape.channels);
    o.delta = o.delta.subspan(first * heads, count * heads);
    o.b = o.b.subspan(first * shape.states, count * shape.states);
    o.c = o.c.subspan(first * shape.states, count * shape.states);
    o.initial_state = state;
    return o;
  };
  SystolicEngine prefill(systolic, clock_hz);
  prefill.set_mode(SystolicMode::ssm);
  VectorEngine decode(vector, clock_hz);
  decode.set_mode(VectorMode::ssm);

  const ArrayRun prompt = prefill.ssm(part(0, prefilled, {}));
  std::vector<float> state = prompt.sums;
  std::vector<float> decoded_state(shape.channels * shape.states, 0.0F);
  std::vector<uint16_t> decoded;
  for (uint64_t t = 0; t < prefilled; ++t) {
    const ArrayRun token = decode.ssm(part(t, 1, decoded_state));
    decoded_state = token.sums;
    decoded.insert(decoded.end(), token.values.begin(), token.values.end());
  }
  REQUIRE(state == decoded_state);
  // The two arrays add y up in different orders, so their outputs agree within the sum of both bounds.
  const TreeOrder tree{vector.lanes, vector.rows};
  const auto systolic_y = reference_ssm(part(0, prefilled, {}), rounding_of(systolic), nullptr).y;
  const auto vector_y = reference_ssm(part(0, prefilled, {}), rounding_of(vector), &tree).y;
  for (size_t i = 0; i < decoded.size(); ++i) {
    const double scale = std::abs(half_to_double(decoded[i])) + std::abs(half_to_double(prompt.values[i]));
    const double bound = systolic_y[i].bound + vector_y[i].bound + scale * 0x1p-11 + 0x1p-24;
    REQUIRE(std::abs(half_to_double(decoded[i]) - half_to_double(prompt.values[i])) <= bound);
  }
  for (uint64_t t = prefilled; t < tokens; ++t) {
    const ArrayRun after_prefill = decode.ssm(part(t, 1, state));
    const ArrayRun after_decode = decode.ssm(part(t, 1, decoded_state));
    REQUIRE(after_prefill.values == after_decode.values);
    state = after_prefill.sums;
    decoded_state = after_decode.sums;
  }
  // And a prefill in chunks is the same as one in a piece.
  SsmOperands chunked = part(0, tokens, {});
  chunked.shape.chunk = 5;
  CHECK(prefill.ssm(chunked).sums == state);
}

TEST_CASE("a vector unit that drops one register update is caught by the values") {
  core::VectorArrayDescription array;
  array.rows = 2;
  array.columns = 2;
  array.lanes = 8;
  array.sfu.exact = true;
  array.sram_bytes_per_second = std::numeric_limits<double>::infinity();
  std::mt19937_64 random{26};
  VectorEngine engine(array, clock_hz);
  SECTION("GEMV") {
    const core::GemvShape shape{8, 64, 1};
    const auto matrix = random_halves(random, shape.n * shape.k, 1.0);
    const auto vectors = random_halves(random, shape.k, 1.0);
    const auto reference = reference_gemv(array, {shape, matrix, vectors});
    CHECK(differing(engine.gemv({shape, matrix, vectors}).values, reference) == 0);
    for (const UnitRegister which : {UnitRegister::product, UnitRegister::accumulator, UnitRegister::chain}) {
      size_t caught = 0;
      for (uint64_t step = 6; step < 16; ++step) {
        // The last unit's chain register is the result itself, so the one before it is broken.
        const unsigned unit = which == UnitRegister::chain ? 0 : 1;
        engine.inject({.unit = unit, .product = 1, .lane = 3, .unit_register = which, .step = step});
        caught += differing(engine.gemv({shape, matrix, vectors}).values, reference);
      }
      INFO("register " << static_cast<int>(which));
      CHECK(caught > 0);
    }
  }
  SECTION("SSM") {
    engine.set_mode(VectorMode::ssm);
    const core::SsmShape shape{.tokens = 4, .channels = 4, .states = 16, .channels_per_head = 2};
    const SsmStorage storage(shape, random);
    const TreeOrder tree{array.lanes, array.rows};
    const SsmReference reference = reference_ssm(storage.operands(shape), {false}, &tree);
    CHECK(differing(engine.ssm(storage.operands(shape)).values, reference.y) == 0);
    size_t caught = 0;
    for (uint64_t step = 12; step < 18; ++step) {
      engine.inject({.unit = 1, .product = 1, .lane = 3, .unit_register = UnitRegister::ssm, .step = step});
      caught += differing(engine.ssm(storage.operands(shape)).values, reference.y);
    }
    CHECK(caught > 0);
  }
}

TEST_CASE("vector units refuse a kernel of the other mode and operands of the wrong size") {
  core::VectorArrayDescription array;
  VectorEngine engine(array, clock_hz);
  std::mt19937_64 random{27};
  const auto words = random_halves(random, 4, 1.0);
  CHECK(engine.gemv({{2, 2, 2}, words, words}).status == ArrayStatus::ok);
  CHECK(engine.gemv({{2, 3, 2}, words, words}).status == ArrayStatus::bad_operands);
  const core::SsmShape shape{.tokens = 1, .channels = 2, .states = 2, .initial_state = true};
  const SsmStorage storage(shape, random);
  CHECK(engine.ssm(storage.operands(shape)).status == ArrayStatus::wrong_mode);
  CHECK(engine.set_mode(VectorMode::ssm) == array.mode_switch_cycles);
  CHECK(engine.ssm(storage.operands(shape)).status == ArrayStatus::ok);
  CHECK(engine.gemv({{2, 2, 2}, words, words}).status == ArrayStatus::wrong_mode);
}
