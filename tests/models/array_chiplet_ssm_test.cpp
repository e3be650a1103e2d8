// SPDX-License-Identifier: Apache-2.0
// What a chiplet's SSM moves, against the registers' counts of every array, run one by one.
#include "array_trials.hpp"
#include "duet/models/systolic/systolic_engine.hpp"
#include "duet/models/vector/vector_engine.hpp"

using namespace duet;
using namespace duet::test;

namespace {

struct Moved {
  uint64_t read = 0, written = 0, partial = 0, state = 0;

  void add(const core::ArrayTime& time) {
    read += time.sram_read_bytes;
    written += time.sram_write_bytes;
    partial += time.partial_sum_bytes;
    state += time.state_bytes;
  }
};

void require_moved(const core::ChipletTime& chiplet, const Moved& moved) {
  REQUIRE(chiplet.total.sram_read_bytes == moved.read);
  REQUIRE(chiplet.total.sram_write_bytes == moved.written);
  REQUIRE(chiplet.total.partial_sum_bytes == moved.partial);
  REQUIRE(chiplet.total.state_bytes == moved.state);
}

core::SsmShape random_shape(std::mt19937_64& random) {
  core::SsmShape shape;
  shape.tokens = random_in(random, 1, 12);
  shape.channels = random_in(random, 1, 30);
  shape.states = random_in(random, 1, 24);
  shape.channels_per_head = random_in(random, 1, 5);
  shape.mamba1 = random_in(random, 0, 2) == 0;
  shape.initial_state = random_in(random, 0, 1) == 1;
  return shape;
}

}  // namespace

TEST_CASE("a chiplet's SSM prefill moves what the PEs of its arrays count, over 300 random shapes") {
  std::mt19937_64 random{95};
  for (int trial = 0; trial < 300; ++trial) {
    auto array = random_array<core::SystolicArrayDescription>(random, 8, 60, 8);
    array.count = random_unsigned(random, 1, 12);
    const core::SsmShape shape = random_shape(random);
    const uint64_t sequences = random_in(random, 1, 3);
    const core::ChipletTime chiplet = core::chiplet_ssm_prefill_time(array, trial_clock_hz, shape, sequences);
    INFO("trial " << trial << ": " << shape.tokens << " x " << shape.channels << " x " << shape.states
                  << " on " << array.count << " of " << array.rows << " x " << array.columns);
    const uint64_t arrays = chiplet.arrays_of_row;
    const uint64_t column_tiles = (shape.states + array.columns - 1) / array.columns;
    const uint64_t sums = array.accumulation == core::Accumulation::fp32 ? 4 : 2;
    const uint64_t y = sequences * shape.tokens * shape.channels;
    models::SystolicEngine engine(array, trial_clock_hz);
    engine.set_mode(models::SystolicMode::ssm);
    // Each column tile of all channels as a kernel of its own, which takes D and makes a whole y.
    Moved moved;
    for (uint64_t column = 0; column < column_tiles; ++column) {
      core::SsmShape tile = shape;
      tile.states = std::min<uint64_t>(array.columns, shape.states - column * array.columns);
      const models::ArrayRun run = engine.ssm(SsmStorage(tile, random).operands(tile));
      for (uint64_t i = 0; i < sequences; ++i) moved.add(run.time);
      if (column > 0) {
        moved.read -= sequences * shape.channels * 2;  // no D
        moved.read += column % arrays == 0 ? y * sums : 0;
        moved.partial += column % arrays == 0 ? y * sums : 0;
      }
      if (column + 1 < column_tiles) {
        moved.written -= y * 2;
        moved.written += (column + 1) % arrays == 0 ? y * sums : 0;
        moved.partial += (column + 1) % arrays == 0 ? y * sums : 0;
      }
    }
    require_moved(chiplet, moved);
    CHECK(chiplet.interarray_bytes == (arrays == 1 ? 0 : (column_tiles - 1) * y * sums));
  }
}

TEST_CASE("a chiplet's SSM on vector units moves what their lanes count, over 300 random shapes") {
  std::mt19937_64 random{96};
  for (int trial = 0; trial < 300; ++trial) {
    auto array = random_array<core::VectorArrayDescription>(random, 4, 60, 8);
    array.lanes = 1U << random_in(random, 0, 3);
    array.count = random_unsigned(random, 1, 10);
    core::SsmShape shape = random_shape(random);
    shape.tokens = random_in(random, 0, 1) == 0 ? 1 : shape.tokens;
    shape.initial_state |= shape.tokens == 1;
    const uint64_t sequences = random_in(random, 1, 4);
    const core::ChipletTime chiplet = core::chiplet_ssm_decode_time(array, trial_clock_hz, shape, sequences);
    INFO("trial " << trial << ": " << shape.tokens << " x " << shape.channels << " x " << shape.states << ", "
                  << sequences << " sequences on " << array.count);
    models::VectorEngine engine(array, trial_clock_hz);
    engine.set_mode(models::VectorMode::ssm);
    const uint64_t all = shape.channels * sequences;
    const uint64_t each = (all + array.count - 1) / array.count;
    Moved moved;
    uint64_t longest = 0;
    for (uint64_t begin = 0; begin < all; begin += each) {
      uint64_t cycles = 0;
      for (uint64_t at = begin; at < std::min(begin + each, all);) {
        core::SsmShape part = shape;
        part.channels = std::min({(at / shape.channels + 1) * shape.channels, begin + each, all}) - at;
        const models::ArrayRun run = engine.ssm(SsmStorage(part, random).operands(part));
        moved.add(run.time);
        cycles += run.time.cycles;
        at += part.channels;
      }
      longest = std::max(longest, cycles);
    }
    require_moved(chiplet, moved);
    REQUIRE(chiplet.total.cycles == longest);
  }
}
