// SPDX-License-Identifier: Apache-2.0
#include "duet/core/array_timing.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <vector>

#include "duet/core/array_timing_port.hpp"

using namespace duet::core;

namespace {

constexpr double clock_hz = 1e9;  // a byte per second is a nano-byte per cycle

uint64_t random_in(std::mt19937_64& random, uint64_t low, uint64_t high) {
  return std::uniform_int_distribution<uint64_t>{low, high}(random);
}

// The port as it is described: bytes arrive every cycle, a step waits for its own.
uint64_t stalls_cycle_by_cycle(const std::vector<DemandTrain>& trains, PortRate rate, uint64_t last_step) {
  int64_t credit = 0;
  uint64_t stalls = 0;
  for (uint64_t step = 0; step <= last_step; ++step) {
    int64_t demand = 0;
    for (const DemandTrain& train : trains) {
      const bool due = step >= train.start && (step - train.start) % train.interval == 0 &&
                       (step - train.start) / train.interval < train.count;
      if (due) demand += static_cast<int64_t>(train.bytes << 16);
    }
    credit += rate.q16();
    while (credit < demand) {
      credit += rate.q16();
      ++stalls;
    }
    credit -= demand;
  }
  return stalls;
}

SystolicArrayDescription systolic(unsigned rows, unsigned columns, double bytes_per_cycle,
                                  ArraySchedule schedule) {
  SystolicArrayDescription array;
  array.rows = rows;
  array.columns = columns;
  array.sram_bytes_per_second = bytes_per_cycle * clock_hz;
  array.schedule = schedule;
  return array;
}

constexpr double unlimited = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("stalls of a port in closed form equal those counted cycle by cycle") {
  std::mt19937_64 random{1};
  for (int trial = 0; trial < 5000; ++trial) {
    const uint64_t interval = random_in(random, 2, 9);
    std::vector<DemandTrain> trains(random_in(random, 1, 6));
    for (DemandTrain& train : trains) {
      train = {random_in(random, 0, 60), random_in(random, 0, 1) == 0 ? 1 : interval,
               random_in(random, 0, 30), random_in(random, 0, 300)};
    }
    const uint64_t last_step = random_in(random, 0, 200);
    const PortRate rate = PortRate::from(static_cast<double>(random_in(random, 1, 400)) / 3.0, 1.0);
    INFO("trial " << trial);
    REQUIRE(port_stall_cycles(trains, rate, last_step) == stalls_cycle_by_cycle(trains, rate, last_step));
  }
}

TEST_CASE("an unlimited port never stalls") {
  const DemandTrain train{0, 1, 100, 1'000'000};
  CHECK(port_stall_cycles({&train, 1}, PortRate::unlimited(), 1000) == 0);
  CHECK(PortRate::from(unlimited, 700e6).is_unlimited());
}

TEST_CASE("a plain GEMM takes the output-stationary closed form up to the last MAC") {
  std::mt19937_64 random{2};
  for (int trial = 0; trial < 500; ++trial) {
    const auto rows = static_cast<unsigned>(random_in(random, 1, 70));
    const auto columns = static_cast<unsigned>(random_in(random, 1, 70));
    const GemmShape shape{random_in(random, 1, 300), random_in(random, 1, 300), random_in(random, 1, 300)};
    const ArrayTime time =
        gemm_time(systolic(rows, columns, unlimited, ArraySchedule::plain), clock_hz, shape);
    const uint64_t folds = ((shape.m + rows - 1) / rows) * ((shape.n + columns - 1) / columns);
    REQUIRE(time.compute_cycles == folds * (shape.k + rows + columns - 2));
    REQUIRE(time.cycles > time.compute_cycles);
    REQUIRE(array_utilisation(time, uint64_t{rows} * columns, 1) <= 1.0);
  }
}

TEST_CASE("overlapping never costs cycles, and no schedule beats its bounds") {
  std::mt19937_64 random{3};
  for (int trial = 0; trial < 1000; ++trial) {
    const auto rows = static_cast<unsigned>(random_in(random, 1, 40));
    const auto columns = static_cast<unsigned>(random_in(random, 1, 40));
    const double rate = static_cast<double>(random_in(random, 1, 200));
    const GemmShape shape{random_in(random, 1, 200), random_in(random, 1, 200), random_in(random, 1, 200)};
    const ArrayTime plain =
        gemm_time(systolic(rows, columns, unlimited, ArraySchedule::plain), clock_hz, shape);
    const ArrayTime overlapped =
        gemm_time(systolic(rows, columns, unlimited, ArraySchedule::overlapped), clock_hz, shape);
    REQUIRE(overlapped.compute_cycles <= plain.compute_cycles);
    const ArrayTime limited =
        gemm_time(systolic(rows, columns, rate, ArraySchedule::overlapped), clock_hz, shape);
    REQUIRE(limited.cycles >= overlapped.cycles);
    REQUIRE(limited.cycles == overlapped.cycles + limited.stalls.sram);
    const auto bytes = static_cast<double>(limited.sram_read_bytes + limited.sram_write_bytes);
    REQUIRE(static_cast<double>(limited.cycles) * rate >= bytes);
    REQUIRE(limited.macs <= limited.cycles * rows * columns);
  }
}

TEST_CASE("Mamba-2 takes three cycles per token, Mamba-1 as many as a row has decay words and two more") {
  SystolicArrayDescription array;
  const SsmShape mamba2{.tokens = 1000, .channels = 64, .states = 32};
  SsmShape longer = mamba2;
  longer.tokens = 1001;
  CHECK(ssm_prefill_time(array, 700e6, longer).cycles - ssm_prefill_time(array, 700e6, mamba2).cycles == 3);
  SsmShape mamba1 = mamba2;
  mamba1.mamba1 = longer.mamba1 = true;
  CHECK(ssm_prefill_time(array, 700e6, longer).cycles - ssm_prefill_time(array, 700e6, mamba1).cycles == 34);
}

TEST_CASE("the SRAM sees no intermediate of a fused SSM") {
  SystolicArrayDescription array;
  const SsmShape shape{.tokens = 128, .channels = 64, .states = 32};
  const ArrayTime fused = ssm_prefill_time(array, 700e6, shape);
  CHECK(fused.intermediate_bytes == 0);
  CHECK(fused.sram_read_bytes == 128 * 2 * (64 + 1 + 32 + 32) + 2 * (1 + 64));
  CHECK(fused.sram_write_bytes == 128 * 2 * 64 + 4 * 64 * 32);
  array.fuse_ssm = false;
  const ArrayTime unfused = ssm_prefill_time(array, 700e6, shape);
  CHECK(unfused.intermediate_bytes == 128ULL * 7 * 64 * 32 * 4);
  CHECK(unfused.sram_read_bytes + unfused.sram_write_bytes ==
        fused.sram_read_bytes + fused.sram_write_bytes + unfused.intermediate_bytes);
  CHECK(unfused.cycles > 10 * fused.cycles);
}

TEST_CASE("several vectors share a pass of the matrix as far as the local buffer holds them") {
  VectorArrayDescription array;
  const ArrayTime one = gemv_time(array, 700e6, {.n = 4096, .k = 4096, .vectors = 1});
  const ArrayTime eight = gemv_time(array, 700e6, {.n = 4096, .k = 4096, .vectors = 8});
  CHECK(eight.cycles < 3 * one.cycles);
  CHECK(eight.sram_read_bytes < 2 * one.sram_read_bytes);
  const double bytes_per_cycle = array.sram_bytes_per_second / 700e6;
  CHECK(static_cast<double>(one.cycles) * bytes_per_cycle >= 2.0 * 4096 * 4096);
  CHECK(static_cast<double>(one.cycles) * bytes_per_cycle <= 2.0 * 4096 * 4096 * 1.05);
}

TEST_CASE("a chiplet of arrays is as fast as its busiest array and keeps within its peak") {
  const SystolicArrayDescription array;
  for (const GemmShape& shape :
       {GemmShape{2048, 8192, 37120 / 16}, GemmShape{8, 8192, 512}, GemmShape{1, 4096, 4096},
        GemmShape{64, 32, 32}, GemmShape{4096, 128, 4096}}) {
    const ChipletTime time = chiplet_gemm_time(array, 700e6, shape);
    CHECK(time.total.macs == shape.m * shape.k * shape.n);
    CHECK(array_utilisation(time.total, uint64_t{array.count} * array.rows * array.columns, 1) <= 1.0);
    CHECK(time.arrays_used <= array.count);
  }
  const ChipletTime large = chiplet_gemm_time(array, 700e6, {4096, 8192, 8192});
  CHECK(array_utilisation(large.total, uint64_t{array.count} * array.rows * array.columns, 1) > 0.9);
}

TEST_CASE("SSM decode keeps to the bandwidth of its state") {
  const VectorArrayDescription array;
  const ArrayTime time = ssm_decode_time(array, 700e6, {.tokens = 1, .channels = 2048, .states = 256});
  CHECK(time.state_bytes == 2ULL * 4 * 2048 * 256);
  const double cycles_of_bytes = static_cast<double>(time.sram_read_bytes + time.sram_write_bytes) /
                                 (array.sram_bytes_per_second / 700e6);
  CHECK(static_cast<double>(time.cycles) >= cycles_of_bytes);
  CHECK(static_cast<double>(time.cycles) <= 1.1 * cycles_of_bytes);
  const ArrayTime prefill =
      ssm_decode_time(array, 700e6, {.tokens = 100, .channels = 2048, .states = 256, .initial_state = true});
  CHECK(prefill.state_bytes == time.state_bytes);
  CHECK(prefill.cycles < 100 * time.cycles);
}

TEST_CASE("a chiplet's SSM is spread over all arrays and takes no less than its share of the work") {
  const SystolicArrayDescription systolic;
  const SsmShape shape{.tokens = 2048, .channels = 1024, .states = 256, .chunk = 256};
  for (const uint64_t sequences : {1ULL, 3ULL, 8ULL, 100ULL}) {
    const ChipletTime time = chiplet_ssm_prefill_time(systolic, 700e6, shape, sequences);
    CHECK(time.total.macs == 3 * 2048ULL * 1024 * 256 * sequences);
    CHECK(array_utilisation(time.total, uint64_t{systolic.count} * systolic.rows * systolic.columns, 1) <=
          1.0);
    CHECK(time.tiles == 16 * 8 * sequences);
    CHECK(time.total.cycles >= time.tiles * 2048 * 3 / systolic.count);
  }
  const ChipletTime many = chiplet_ssm_prefill_time(systolic, 700e6, shape, 100);
  CHECK(array_utilisation(many.total, uint64_t{systolic.count} * systolic.rows * systolic.columns, 1) > 0.75);

  const VectorArrayDescription vector;
  for (const uint64_t sequences : {1ULL, 7ULL, 64ULL, 200ULL}) {
    const SsmShape step{.tokens = 1, .channels = 2048, .states = 256};
    const ChipletTime time = chiplet_ssm_decode_time(vector, 700e6, step, sequences);
    const double bytes = static_cast<double>(time.total.state_bytes);
    const double least = bytes / (vector.sram_bytes_per_second / 700e6 * vector.count);
    CHECK(time.arrays_used >= 90);
    CHECK(static_cast<double>(time.total.cycles) >= least);
    if (sequences >= 7) CHECK(static_cast<double>(time.total.cycles) <= 1.35 * least);
  }
}
