// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "array_comparison.hpp"

namespace duet::test {

inline constexpr double trial_clock_hz = 1e9;

inline unsigned random_unsigned(std::mt19937_64& random, uint64_t low, uint64_t high) {
  return static_cast<unsigned>(random_in(random, low, high));
}

/// Rows, columns and everything that both kinds of array have, at random; a quarter of the ports are
/// unlimited.
template <class Array>
Array random_array(std::mt19937_64& random, unsigned largest, unsigned most_bytes_per_cycle,
                   unsigned most_sfu_units) {
  Array array;
  array.rows = random_unsigned(random, 1, largest);
  array.columns = random_unsigned(random, 1, largest);
  array.mac_interval_cycles = random_in(random, 0, 2) == 0 ? random_unsigned(random, 2, 6) : 1;
  array.accumulation = random_in(random, 0, 1) == 0 ? core::Accumulation::fp16 : core::Accumulation::fp32;
  array.sram_bytes_per_second =
      random_in(random, 0, 3) == 0
          ? std::numeric_limits<double>::infinity()
          : static_cast<double>(random_in(random, 1, 7 * most_bytes_per_cycle)) / 7 * trial_clock_hz;
  array.fuse_ssm = random_in(random, 0, 4) > 0;
  array.sfu.exact = true;
  array.sfu.latency_cycles = random_unsigned(random, 1, 6);
  array.sfu.interval_cycles = random_unsigned(random, 1, 3);
  array.sfu.units = random_unsigned(random, 1, most_sfu_units);
  return array;
}

template <class Array>
Rounding rounding_of(const Array& array) {
  return {array.accumulation == core::Accumulation::fp16};
}

/// A kernel that returns FP16 values: its time is the closed form's, its values are the reference's.
inline void require_run(const models::ArrayRun& run, const core::ArrayTime& tile,
                        const std::vector<Bounded>& reference) {
  REQUIRE(run.status == models::ArrayStatus::ok);
  require_same_time(run.time, tile);
  REQUIRE(differing(run.values, reference) == 0);
  REQUIRE(within_bounds(run.values, reference));
}

/// The same for an SSM, which also returns the final state. `tree`: how y is added up, null along the states.
template <class Engine, class Mode>
void require_ssm(Engine& engine, Mode ssm_mode, const core::SsmShape& shape, const core::ArrayTime& tile,
                 std::mt19937_64& random, const TreeOrder* tree) {
  const SsmStorage storage(shape, random);
  const auto& array = engine.description();
  INFO(array.rows << " x " << array.columns << ", tokens " << shape.tokens << ", channels " << shape.channels
                  << ", states " << shape.states << ", chunk " << shape.chunk);
  engine.set_mode(ssm_mode);
  const models::ArrayRun run = engine.ssm(storage.operands(shape));
  const SsmReference reference = reference_ssm(storage.operands(shape), rounding_of(array), tree);
  require_run(run, tile, reference.y);
  REQUIRE(differing(run.sums, reference.state) == 0);
}

}  // namespace duet::test
