// SPDX-License-Identifier: Apache-2.0
// The figures of many arrays are the sums over the arrays, each taken alone.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "duet/core/array_timing.hpp"

using namespace duet::core;

namespace {

constexpr double clock_hz = 1e9;

uint64_t random_in(std::mt19937_64& random, uint64_t low, uint64_t high) {
  return std::uniform_int_distribution<uint64_t>{low, high}(random);
}

uint64_t ceil_div(uint64_t a, uint64_t b) {
  return (a + b - 1) / b;
}

uint64_t sum_bytes(Accumulation accumulation) {
  return accumulation == Accumulation::fp32 ? 4 : 2;
}

struct Sums {
  uint64_t read = 0, written = 0, partial = 0, macs = 0, pieces = 0, largest_cycles = 0;

  void add(const ArrayTime& time) {
    read += time.sram_read_bytes;
    written += time.sram_write_bytes;
    partial += time.partial_sum_bytes;
    macs += time.macs;
    largest_cycles = std::max(largest_cycles, time.cycles);
    ++pieces;
  }
  // Partial results of a split K: all are read by who adds them up, and FP16 sums or sums are written.
  void add_reduction(uint64_t parts, uint64_t results, uint64_t sums, uint64_t result_bytes) {
    read += parts * results * sums;
    partial += parts * results * sums;
    written += results * result_bytes;
  }
};

void require_sums(const ChipletTime& chiplet, const Sums& sums) {
  REQUIRE(chiplet.tiles == sums.pieces);
  REQUIRE(chiplet.total.sram_read_bytes == sums.read);
  REQUIRE(chiplet.total.sram_write_bytes == sums.written);
  REQUIRE(chiplet.total.partial_sum_bytes == sums.partial);
  REQUIRE(chiplet.total.macs == sums.macs);
}

}  // namespace

TEST_CASE("a GEMM on a chiplet moves what its folds move one by one, over 1000 random shapes") {
  std::mt19937_64 random{71};
  for (int trial = 0; trial < 1000; ++trial) {
    SystolicArrayDescription array;
    array.count = static_cast<unsigned>(random_in(random, 1, 12));
    array.rows = static_cast<unsigned>(random_in(random, 1, 12));
    array.columns = static_cast<unsigned>(random_in(random, 1, 12));
    array.accumulation = random_in(random, 0, 1) == 0 ? Accumulation::fp16 : Accumulation::fp32;
    array.sram_bytes_per_second = static_cast<double>(random_in(random, 1, 80)) * clock_hz / 2;
    const GemmShape shape{random_in(random, 1, 60), random_in(random, 1, 60), random_in(random, 1, 60),
                          random_in(random, 0, 1) == 1};
    const ChipletTime chiplet = chiplet_gemm_time(array, clock_hz, shape);
    const uint64_t m = chiplet.transposed ? shape.n : shape.m;
    const uint64_t n = chiplet.transposed ? shape.m : shape.n;
    const uint64_t k_part = ceil_div(shape.k, chiplet.split_k);
    const bool partial = shape.partial_results || chiplet.split_k > 1;
    Sums sums;
    for (uint64_t k = 0; k < shape.k; k += k_part) {
      for (uint64_t i = 0; i < m; i += array.rows) {
        for (uint64_t j = 0; j < n; j += array.columns) {
          sums.add(gemm_time(array, clock_hz,
                             {std::min<uint64_t>(array.rows, m - i), std::min(k_part, shape.k - k),
                              std::min<uint64_t>(array.columns, n - j), partial}));
        }
      }
    }
    const uint64_t width = sum_bytes(array.accumulation);
    if (chiplet.split_k > 1) {
      sums.add_reduction(chiplet.split_k, shape.m * shape.n, width, shape.partial_results ? width : 2);
    } else {
      sums.partial = chiplet.total.partial_sum_bytes;  // results that are partial are not passed on here
    }
    INFO("trial " << trial << ": " << shape.m << ", " << shape.k << ", " << shape.n << ", K in "
                  << chiplet.split_k);
    require_sums(chiplet, sums);
    REQUIRE(chiplet.total.cycles >= sums.largest_cycles);
  }
}

TEST_CASE("a GEMV on a chiplet moves what its arrays move one by one, over 1000 random shapes") {
  std::mt19937_64 random{72};
  for (int trial = 0; trial < 1000; ++trial) {
    VectorArrayDescription array;
    array.count = static_cast<unsigned>(random_in(random, 1, 12));
    array.rows = static_cast<unsigned>(random_in(random, 1, 6));
    array.columns = static_cast<unsigned>(random_in(random, 1, 6));
    array.lanes = 1U << random_in(random, 0, 4);
    array.local_buffer_bytes = array.lanes * 2 * random_in(random, 1, 8);
    array.sram_bytes_per_second = static_cast<double>(random_in(random, 1, 80)) * clock_hz / 2;
    const GemvShape shape{random_in(random, 1, 100), random_in(random, 1, 300), random_in(random, 1, 8)};
    const ChipletTime chiplet = chiplet_gemv_time(array, clock_hz, shape);
    const uint64_t outputs = chiplet.tiles / (chiplet.split_k * chiplet.split_vectors);
    const GemvShape part{ceil_div(shape.n, outputs), ceil_div(shape.k, chiplet.split_k),
                         ceil_div(shape.vectors, chiplet.split_vectors), chiplet.split_k > 1};
    Sums sums;
    for (uint64_t v = 0; v < shape.vectors; v += part.vectors) {
      for (uint64_t k = 0; k < shape.k; k += part.k) {
        for (uint64_t n = 0; n < shape.n; n += part.n) {
          sums.add(gemv_time(array, clock_hz,
                             {std::min(part.n, shape.n - n), std::min(part.k, shape.k - k),
                              std::min(part.vectors, shape.vectors - v), part.partial_results}));
        }
      }
    }
    if (chiplet.split_k > 1)
      sums.add_reduction(chiplet.split_k, shape.n * shape.vectors, sum_bytes(array.accumulation), 2);
    INFO("trial " << trial << ": " << shape.n << ", " << shape.k << ", " << shape.vectors << ", K in "
                  << chiplet.split_k);
    require_sums(chiplet, sums);
    REQUIRE(sums.pieces <= array.count);
    REQUIRE(chiplet.total.cycles == sums.largest_cycles + chiplet.reduction_cycles);
  }
}
