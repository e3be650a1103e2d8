// SPDX-License-Identifier: Apache-2.0
// An SSM on a chiplet's arrays, against what its tiles move and when they run, counted one by one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <vector>

#include "duet/core/array_timing.hpp"

using namespace duet::core;

namespace {

constexpr double clock_hz = 1e9;
constexpr double unlimited = std::numeric_limits<double>::infinity();

uint64_t random_in(std::mt19937_64& random, uint64_t low, uint64_t high) {
  return std::uniform_int_distribution<uint64_t>{low, high}(random);
}

uint64_t sum_bytes(Accumulation accumulation) {
  return accumulation == Accumulation::fp32 ? 4 : 2;
}

struct Trial {
  SystolicArrayDescription array;
  SsmShape shape;
  uint64_t sequences = 1;
  ChipletTime chiplet;

  uint64_t head() const {
    return shape.mamba1 ? 1 : std::clamp<uint64_t>(shape.channels_per_head, 1, shape.channels);
  }
  std::string text() const {
    return std::to_string(array.count) + " arrays of " + std::to_string(array.rows) + " x " +
           std::to_string(array.columns) + ", " + std::to_string(shape.tokens) + " tokens in chunks of " +
           std::to_string(shape.chunk) + ", " + std::to_string(shape.channels) + " channels of " +
           std::to_string(shape.channels_per_head) + ", " + std::to_string(shape.states) + " states, " +
           std::to_string(sequences) + " sequences, gangs of " + std::to_string(chiplet.arrays_of_row);
  }
};

Trial random_trial(std::mt19937_64& random) {
  Trial trial;
  SystolicArrayDescription& array = trial.array;
  array.count = static_cast<unsigned>(random_in(random, 1, 16));
  array.rows = static_cast<unsigned>(random_in(random, 1, 10));
  array.columns = static_cast<unsigned>(random_in(random, 1, 10));
  array.accumulation = random_in(random, 0, 1) == 0 ? Accumulation::fp16 : Accumulation::fp32;
  array.mac_interval_cycles = static_cast<unsigned>(random_in(random, 1, 2));
  array.sfu.units = static_cast<unsigned>(random_in(random, 1, 10));
  array.sfu.latency_cycles = static_cast<unsigned>(random_in(random, 1, 6));
  array.fuse_ssm = random_in(random, 0, 3) != 0;
  array.sram_bytes_per_second = unlimited;
  SsmShape& shape = trial.shape;
  shape.tokens = random_in(random, 1, 200);
  shape.channels = random_in(random, 1, 60);
  shape.states = random_in(random, 1, 60);
  shape.chunk = random_in(random, 0, 1) == 0 ? 0 : random_in(random, 1, 220);
  shape.channels_per_head = random_in(random, 1, 14);
  shape.mamba1 = random_in(random, 0, 2) == 0;
  shape.initial_state = random_in(random, 0, 1) == 1;
  trial.sequences = random_in(random, 1, 4);
  return trial;
}

/// Channels of each row tile of a sequence.
std::vector<uint64_t> row_tiles(const Trial& trial) {
  std::vector<uint64_t> tiles;
  const uint64_t head = trial.head();
  for (uint64_t channel = 0; channel < trial.shape.channels; channel += tiles.back()) {
    const uint64_t rest = trial.shape.channels - channel;
    const uint64_t whole = trial.array.rows / head * head;
    tiles.push_back(
        std::min(rest, whole > 0 ? whole : std::min<uint64_t>(trial.array.rows, head - channel % head)));
  }
  return tiles;
}

struct Bytes {
  uint64_t read = 0, written = 0, partial = 0, state = 0, intermediate = 0, between_arrays = 0;
};

/// What the tile of column `column` and `rows` rows moves while `tokens` pass it.
void count_tile(const Trial& trial, uint64_t rows, uint64_t column, uint64_t tokens, bool loads,
                Bytes& bytes) {
  const uint64_t sums = sum_bytes(trial.array.accumulation);
  const uint64_t columns = trial.array.columns;
  const uint64_t arrays = trial.chiplet.arrays_of_row;
  const uint64_t c = std::min(columns, trial.shape.states - column * columns);
  const bool last = (column + 1) * columns >= trial.shape.states;
  const uint64_t heads = (rows + trial.head() - 1) / trial.head();
  if (!trial.shape.mamba1) bytes.read += 2 * heads;  // A
  if (column == 0) bytes.read += 2 * rows;           // D
  for (uint64_t token = 0; token < tokens; ++token) {
    bytes.read += 2 * (rows + c + c);                                  // x, B, C
    bytes.read += 2 * (trial.shape.mamba1 ? rows + rows * c : heads);  // delta, and A of Mamba-1
    if (last) bytes.written += 2 * rows;
    // The first array of a gang gets from memory what the last one has left there.
    if (column > 0 && column % arrays == 0) {
      bytes.read += sums * rows;
      bytes.partial += sums * rows;
    }
    if (!last && (column + 1) % arrays == 0) {
      bytes.written += sums * rows;
      bytes.partial += sums * rows;
    }
    if (!last && arrays > 1) bytes.between_arrays += sums * rows;
    if (!trial.array.fuse_ssm) {
      bytes.read += 4 * sums * rows * c;
      bytes.written += 3 * sums * rows * c;
      bytes.intermediate += 7 * sums * rows * c;
    }
  }
  if (loads) bytes.read += sums * rows * c;
  bytes.written += sums * rows * c;
  bytes.state += (loads ? 2 : 1) * sums * rows * c;
}

Bytes count_tiles(const Trial& trial) {
  const uint64_t column_tiles = (trial.shape.states + trial.array.columns - 1) / trial.array.columns;
  const bool state_stays = column_tiles <= trial.chiplet.arrays_of_row;
  const uint64_t chunk = trial.shape.chunk == 0 || state_stays ? trial.shape.tokens : trial.shape.chunk;
  Bytes bytes;
  for (uint64_t sequence = 0; sequence < trial.sequences; ++sequence) {
    for (const uint64_t rows : row_tiles(trial)) {
      for (uint64_t token = 0; token < trial.shape.tokens; token += chunk) {
        for (uint64_t column = 0; column < column_tiles; ++column) {
          count_tile(trial, rows, column, std::min(chunk, trial.shape.tokens - token),
                     token > 0 || trial.shape.initial_state, bytes);
        }
      }
    }
  }
  return bytes;
}

/// When the last result of one sequence is out, each tile starting as soon as its array and its partial
/// y allow. SRAM without a limit, one chunk.
uint64_t last_result(const Trial& trial) {
  const SystolicArrayDescription& array = trial.array;
  const uint64_t arrays = trial.chiplet.arrays_of_row;
  const uint64_t column_tiles = (trial.shape.states + array.columns - 1) / array.columns;
  const std::vector<uint64_t> tiles = row_tiles(trial);
  const uint64_t gangs = array.count / arrays;
  const uint64_t each = (tiles.size() + gangs - 1) / gangs;
  const uint64_t words = trial.shape.mamba1 ? std::min<uint64_t>(array.columns, trial.shape.states) : 1;
  const uint64_t sfu_rounds = (array.rows + array.sfu.units - 1) / array.sfu.units;
  const uint64_t period = std::max<uint64_t>(words - 1 + 3 * array.mac_interval_cycles,
                                             (1 + words) * array.sfu.interval_cycles * sfu_rounds);
  const uint64_t latency = 2 * array.sfu.latency_cycles + 1;
  uint64_t end = 0;
  for (uint64_t first = 0; first < tiles.size(); first += each) {
    std::vector<uint64_t> free(arrays, 0);
    for (uint64_t row = first; row < std::min(first + each, tiles.size()); ++row) {
      uint64_t before = 0;  // start of the column tile before
      uint64_t sums_out = 0;
      for (uint64_t column = 0; column < column_tiles; ++column) {
        const uint64_t on = column % arrays;
        const uint64_t c = std::min<uint64_t>(array.columns, trial.shape.states - column * array.columns);
        const uint64_t load = trial.shape.initial_state ? c : 0;
        uint64_t start = free[on];
        if (column > 0) start = std::max(start, on == 0 ? sums_out : before + array.rows + array.columns);
        sums_out = start + load + period + latency + array.rows + array.columns - 1;
        free[on] = std::max(start + load + trial.shape.tokens * period + c, sums_out);
        end = std::max(
            end, start + load + trial.shape.tokens * period + c + latency + tiles[row] + array.columns - 2);
        before = start;
      }
    }
  }
  return end;
}

}  // namespace

TEST_CASE("an SSM prefill on a chiplet moves what its tiles move one by one, over 1000 random shapes") {
  std::mt19937_64 random{81};
  uint64_t gangs = 0;
  for (int number = 0; number < 1000; ++number) {
    Trial trial = random_trial(random);
    if (random_in(random, 0, 1) == 0)
      trial.array.sram_bytes_per_second = static_cast<double>(random_in(random, 1, 200)) * clock_hz;
    trial.chiplet = chiplet_ssm_prefill_time(trial.array, clock_hz, trial.shape, trial.sequences);
    const Bytes bytes = count_tiles(trial);
    INFO("trial " << number << ": " << trial.text());
    REQUIRE(trial.chiplet.total.sram_read_bytes == bytes.read);
    REQUIRE(trial.chiplet.total.sram_write_bytes == bytes.written);
    REQUIRE(trial.chiplet.total.partial_sum_bytes == bytes.partial);
    REQUIRE(trial.chiplet.total.state_bytes == bytes.state);
    REQUIRE(trial.chiplet.total.intermediate_bytes == bytes.intermediate);
    REQUIRE(trial.chiplet.interarray_bytes == bytes.between_arrays);
    REQUIRE(trial.chiplet.total.macs ==
            3 * trial.sequences * trial.shape.tokens * trial.shape.channels * trial.shape.states);
    REQUIRE(trial.chiplet.arrays_used <= trial.array.count);
    gangs += trial.chiplet.arrays_of_row > 1 ? 1 : 0;
  }
  CHECK(gangs > 300);
  CHECK(gangs < 900);
}

TEST_CASE("an SSM prefill on a chiplet ends when its last tile can, each waiting for its partial sums") {
  std::mt19937_64 random{82};
  uint64_t exact = 0, waves = 0;
  for (int number = 0; number < 2000; ++number) {
    Trial trial = random_trial(random);
    trial.sequences = 1;
    trial.shape.chunk = 0;
    trial.chiplet = chiplet_ssm_prefill_time(trial.array, clock_hz, trial.shape, 1);
    const uint64_t end = last_result(trial);
    INFO("trial " << number << ": " << trial.text());
    REQUIRE(trial.chiplet.total.cycles >= end);
    // Tiles at the edges are shorter; the closed form takes the gang's first array and whole tiles.
    const std::vector<uint64_t> tiles = row_tiles(trial);
    const bool even = trial.shape.states % trial.array.columns == 0 &&
                      std::ranges::all_of(tiles, [&](uint64_t rows) { return rows == tiles.front(); });
    if (even) REQUIRE(trial.chiplet.total.cycles == end);
    exact += even ? 1 : 0;
    const uint64_t column_tiles = (trial.shape.states + trial.array.columns - 1) / trial.array.columns;
    waves += trial.chiplet.arrays_of_row > 1 && trial.chiplet.arrays_of_row < column_tiles ? 1 : 0;
  }
  CHECK(exact > 200);
  CHECK(waves > 100);
}

TEST_CASE("an SSM on a chiplet's vector units is the sum over its arrays, over 1000 random shapes") {
  std::mt19937_64 random{83};
  for (int number = 0; number < 1000; ++number) {
    VectorArrayDescription array;
    array.count = static_cast<unsigned>(random_in(random, 1, 12));
    array.rows = static_cast<unsigned>(random_in(random, 1, 6));
    array.columns = static_cast<unsigned>(random_in(random, 1, 6));
    array.lanes = 1U << random_in(random, 0, 4);
    array.fuse_ssm = random_in(random, 0, 3) != 0;
    array.sram_bytes_per_second = static_cast<double>(random_in(random, 1, 200)) * clock_hz;
    SsmShape shape;
    shape.tokens = random_in(random, 0, 1) == 0 ? 1 : random_in(random, 2, 6);
    shape.channels = random_in(random, 1, 80);
    shape.states = random_in(random, 1, 60);
    shape.mamba1 = random_in(random, 0, 2) == 0;
    shape.initial_state = shape.tokens == 1 || random_in(random, 0, 1) == 1;
    const uint64_t sequences = random_in(random, 1, 6);
    const ChipletTime chiplet = chiplet_ssm_decode_time(array, clock_hz, shape, sequences);

    // Every array takes the next channels; where a sequence ends, it starts another kernel.
    const uint64_t all = shape.channels * sequences;
    const uint64_t each = (all + array.count - 1) / array.count;
    ArrayTime sum;
    uint64_t longest = 0, kernels = 0;
    for (uint64_t begin = 0; begin < all; begin += each) {
      uint64_t cycles = 0;
      for (uint64_t at = begin; at < std::min(begin + each, all);) {
        const uint64_t border = (at / shape.channels + 1) * shape.channels;
        SsmShape part = shape;
        part.channels = std::min({border, begin + each, all}) - at;
        const ArrayTime time = ssm_decode_time(array, clock_hz, part);
        sum.sram_read_bytes += time.sram_read_bytes;
        sum.sram_write_bytes += time.sram_write_bytes;
        sum.state_bytes += time.state_bytes;
        sum.intermediate_bytes += time.intermediate_bytes;
        sum.sfu_operations += time.sfu_operations;
        cycles += time.cycles;
        at += part.channels;
        ++kernels;
      }
      longest = std::max(longest, cycles);
    }
    INFO("trial " << number << ": " << shape.tokens << " tokens, " << shape.channels << " x " << shape.states
                  << ", " << sequences << " sequences, " << array.count << " arrays");
    REQUIRE(chiplet.total.cycles == longest);
    REQUIRE(chiplet.tiles == kernels);
    REQUIRE(chiplet.total.sram_read_bytes == sum.sram_read_bytes);
    REQUIRE(chiplet.total.sram_write_bytes == sum.sram_write_bytes);
    REQUIRE(chiplet.total.state_bytes == sum.state_bytes);
    REQUIRE(chiplet.total.intermediate_bytes == sum.intermediate_bytes);
    REQUIRE(chiplet.total.sfu_operations == sum.sfu_operations);
    REQUIRE(chiplet.total.macs == 3 * shape.tokens * all * shape.states);
  }
}
