// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "array_trials.hpp"
#include "duet/models/vector/vector_engine.hpp"

using namespace duet;
using namespace duet::models;
using namespace duet::test;

namespace {

constexpr double clock_hz = trial_clock_hz;

struct Storage {
  std::vector<uint16_t> queries, keys, values;
  Storage(const core::AttentionShape& s, std::mt19937_64& random)
      : queries(random_halves(random, s.queries * s.head_size, 1.0 / std::sqrt(s.head_size))),
        keys(random_halves(random, s.context * s.head_size, 1.0)),
        values(random_halves(random, s.context * s.head_size, 1.0)) {}
  [[nodiscard]] AttentionOperands operands(const core::AttentionShape& s) const {
    return {s, queries, keys, values};
  }
};

// An FP16 result of something with a bound: its own rounding is added.
Bounded as_half(const Bounded& b) {
  return {round_half(b.value), b.exact, b.bound + std::ldexp(std::abs(b.value), -11) + 0x1p-25};
}

Bounded exponential(const Bounded& x) {
  const double exact = std::exp(x.exact);
  return as_half({std::exp(x.value), exact, exact * std::expm1(x.bound)});
}

Bounded reciprocal(const Bounded& x) {
  return as_half({1 / x.value, 1 / x.exact, x.bound / (x.value * x.exact)});
}

// Softmax attention of one query from its definition, with exact SFU functions; every score is shifted by the
// largest, which does not change the result.
std::vector<Bounded> reference_attention(const core::VectorArrayDescription& array,
                                         const AttentionOperands& o, uint64_t query) {
  const Rounding round = rounding_of(array);
  const TreeOrder tree{array.lanes, array.rows};
  const core::AttentionShape& s = o.shape;
  const uint64_t score_slice = core::plan_gemv(array, clock_hz, core::attention_scores(s)).k_slice;
  const uint64_t value_slice = core::plan_gemv(array, clock_hz, core::attention_values(s)).k_slice;
  std::vector<Bounded> scores;
  double largest = -INFINITY;
  for (uint64_t j = 0; j < s.context; ++j) {
    scores.push_back(as_half(reference_dot(&o.keys[j * s.head_size], &o.queries[query * s.head_size],
                                           s.head_size, score_slice, round, tree)));
    largest = std::max(largest, scores.back().value);
  }
  std::vector<Bounded> weights;
  Bounded total;
  for (const Bounded& score : scores) {
    weights.push_back(exponential(as_half({score.value - largest, score.exact - largest, score.bound})));
    total = sum(round, total, weights.back());
  }
  const Bounded scale = reciprocal(as_half(total));
  std::vector<Bounded> result;
  for (uint64_t i = 0; i < s.head_size; ++i) {
    Bounded partial;
    for (uint64_t first = 0; first < s.context; first += value_slice) {
      std::vector<Bounded> terms;
      for (uint64_t j = first; j < std::min(s.context, first + value_slice); ++j)
        terms.push_back(product(round, known(half_to_double(o.values[i * s.context + j])), weights[j]));
      partial = tree.add(round, terms, first > 0 ? &partial : nullptr);
    }
    result.push_back(as_half(product({true}, as_half(partial), scale)));
  }
  return result;
}

std::vector<Bounded> reference_attention(const core::VectorArrayDescription& array,
                                         const AttentionOperands& o) {
  std::vector<Bounded> all;
  for (uint64_t query = 0; query < o.shape.queries; ++query) {
    const auto one = reference_attention(array, o, query);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

}  // namespace

TEST_CASE("attention: values bit for bit, cycles and traffic as the closed form, over 1000 random shapes") {
  std::mt19937_64 random{24};
  for (int trial = 0; trial < 1000; ++trial) {
    auto array = random_array<core::VectorArrayDescription>(random, 5, 230, 40);
    array.lanes = 1U << random_in(random, 0, 5);
    array.local_buffer_bytes = array.lanes * 2 * random_in(random, 1, 8);
    const core::AttentionShape shape{random_in(random, 1, 4), random_in(random, 1, 40),
                                     random_in(random, 1, 60)};
    const Storage storage(shape, random);
    INFO("trial " << trial << ": " << array.rows << " x " << array.columns << " x " << array.lanes << ", "
                  << shape.queries << " queries of " << shape.head_size << " on " << shape.context);
    VectorEngine engine(array, clock_hz);
    require_run(engine.attention(storage.operands(shape)), core::attention_time(array, clock_hz, shape),
                reference_attention(array, storage.operands(shape)));
  }
}

TEST_CASE("attention of one key is that key's value, and equal keys give the mean of the values") {
  core::VectorArrayDescription array;
  array.sfu.exact = GENERATE(true, false);
  std::mt19937_64 random{25};
  VectorEngine engine(array, clock_hz);
  const core::AttentionShape one{2, 16, 1};
  const Storage storage(one, random);
  const ArrayRun run = engine.attention(storage.operands(one));
  for (uint64_t i = 0; i < 16; ++i) {
    CHECK(run.values[i] == storage.values[i]);
    CHECK(run.values[16 + i] == storage.values[i]);
  }

  const core::AttentionShape four{1, 4, 4};
  Storage equal(four, random);
  std::fill(equal.keys.begin(), equal.keys.end(), half_bits(0.5));
  const ArrayRun mean = engine.attention(equal.operands(four));
  for (uint64_t i = 0; i < 4; ++i) {
    double expected = 0;
    for (uint64_t j = 0; j < 4; ++j) expected += half_to_double(equal.values[i * 4 + j]) / 4;
    CHECK(half_to_double(mean.values[i]) == Approx(expected).margin(0.002));
  }
}

TEST_CASE("attention in SSM mode, or with operands of the wrong size, is refused") {
  core::VectorArrayDescription array;
  VectorEngine engine(array, clock_hz);
  std::mt19937_64 random{26};
  const core::AttentionShape shape{1, 4, 3};
  const Storage storage(shape, random);
  CHECK(engine.attention(storage.operands({1, 4, 4})).status == ArrayStatus::bad_operands);
  engine.set_mode(VectorMode::ssm);
  CHECK(engine.attention(storage.operands(shape)).status == ArrayStatus::wrong_mode);
}
