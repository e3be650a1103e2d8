// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>
#include <utility>
#include <variant>

#include "array_timing_frame.hpp"
#include "array_timing_sums.hpp"
#include "duet/core/array_timing.hpp"

namespace duet::core {
namespace {

constexpr uint64_t word_bytes = 2;

// Adding split_k partial tiles of rows x columns: the SFU column adds one column of words per step, for
// which the port reads both operands and writes the sum.
uint64_t reduction_cycles_per_tile(const SystolicArrayDescription& array, PortRate rate, uint64_t rows,
                                   uint64_t columns, uint64_t split_k) {
  const uint64_t additions = (split_k - 1) * columns;
  const uint64_t lanes = ceil_div(rows, array.sfu.units);
  if (rate.is_unlimited()) return additions * lanes;
  const uint64_t bytes = additions * rows * 3 * sum_bytes(array.accumulation);
  const auto q16 = static_cast<uint64_t>(rate.q16());
  return std::max(additions * lanes, ceil_div(bytes << 16, q16));
}

ChipletTime gemm_option(const SystolicArrayDescription& array, double clock_hz, const GemmShape& shape,
                        uint64_t split_k, bool transposed) {
  const uint64_t m = transposed ? shape.n : shape.m;
  const uint64_t n = transposed ? shape.m : shape.n;
  const uint64_t row_folds = ceil_div(m, array.rows);
  const uint64_t column_folds = ceil_div(n, array.columns);
  ChipletTime chiplet;
  chiplet.split_k = split_k;
  chiplet.transposed = transposed;
  chiplet.tiles = row_folds * column_folds * split_k;
  chiplet.arrays_used = std::min<uint64_t>(chiplet.tiles, array.count);
  const uint64_t waves = ceil_div(chiplet.tiles, array.count);
  chiplet.tiles_of_busiest = waves;
  // The busiest array works on full folds, as wide as the matrix allows.
  const uint64_t rows = std::min<uint64_t>(m, array.rows);
  const uint64_t columns = std::min<uint64_t>(n, array.columns);
  const bool along_columns = column_folds > 1;
  const GemmShape busiest{.m = along_columns ? rows : std::min(m, waves * rows),
                          .k = ceil_div(shape.k, split_k),
                          .n = along_columns ? waves * columns : columns,
                          .partial_results = shape.partial_results || split_k > 1};
  const ArrayTime time = gemm_time(array, clock_hz, busiest);
  take_cycles(chiplet.total, time);
  chiplet.work.add({busiest});
  chiplet.total.macs = shape.m * shape.k * shape.n;
  const uint64_t results = shape.m * shape.n;
  const uint64_t result_bytes = shape.partial_results ? sum_bytes(array.accumulation) : word_bytes;
  chiplet.total.sram_read_bytes = word_bytes * shape.k * (column_folds * m + row_folds * n);
  chiplet.total.sram_write_bytes = result_bytes * results;
  if (split_k > 1) {
    const PortRate rate = PortRate::from(array.sram_bytes_per_second, clock_hz);
    const uint64_t owned = ceil_div(row_folds * column_folds, array.count);
    chiplet.reduction_cycles = owned * reduction_cycles_per_tile(array, rate, rows, columns, split_k);
    chiplet.total.cycles += chiplet.reduction_cycles;
    chiplet.work.other_cycles = chiplet.reduction_cycles;
    const uint64_t partials = split_k * results * sum_bytes(array.accumulation);
    chiplet.interarray_bytes = partials / split_k * (split_k - 1);
    chiplet.total.sram_read_bytes += partials;
    chiplet.total.sram_write_bytes += partials;
    chiplet.total.partial_sum_bytes = 2 * partials;
  }
  return chiplet;
}

}  // namespace

ChipletTime chiplet_gemm_time(const SystolicArrayDescription& array, double clock_hz,
                              const GemmShape& shape) {
  if (shape.m == 0 || shape.k == 0 || shape.n == 0) throw std::invalid_argument("a GEMM dimension is 0");
  ChipletTime best;
  for (const bool transposed : {false, true}) {
    const uint64_t rows = transposed ? shape.n : shape.m;
    const uint64_t columns = transposed ? shape.m : shape.n;
    const uint64_t folds = ceil_div(rows, array.rows) * ceil_div(columns, array.columns);
    // Splitting K pays only as long as it fills arrays that stand idle in the last wave.
    const uint64_t most =
        folds >= uint64_t{8} * array.count ? 1 : std::max<uint64_t>(1, 8 * array.count / folds);
    for (uint64_t split = 1; split <= std::min({most, uint64_t{64}, shape.k});
         split += split < 8 ? 1 : split / 4) {
      const ChipletTime option = gemm_option(array, clock_hz, shape, split, transposed);
      if (best.tiles == 0 || option.total.cycles < best.total.cycles) best = option;
    }
  }
  return best;
}

namespace {

// Cycles only; count_gemv() adds the traffic of the option that is taken.
ChipletTime gemv_option(const VectorArrayDescription& array, double clock_hz, const GemvShape& shape,
                        uint64_t split_k, uint64_t split_vectors) {
  const uint64_t output_parts = std::max<uint64_t>(1, array.count / (split_k * split_vectors));
  GemvShape part{.n = ceil_div(shape.n, output_parts),
                 .k = ceil_div(shape.k, split_k),
                 .vectors = ceil_div(shape.vectors, split_vectors)};
  ChipletTime chiplet;
  chiplet.split_k = ceil_div(shape.k, part.k);
  part.partial_results = shape.partial_results || chiplet.split_k > 1;
  take_cycles(chiplet.total, gemv_time(array, clock_hz, part));
  chiplet.work.add({part});
  chiplet.split_vectors = ceil_div(shape.vectors, part.vectors);
  chiplet.tiles = ceil_div(shape.n, part.n) * chiplet.split_k * chiplet.split_vectors;
  chiplet.arrays_used = chiplet.tiles;
  chiplet.tiles_of_busiest = 1;
  if (chiplet.split_k == 1) return chiplet;
  // The scalar MACs of the owner's units add the other arrays' partial results, a row of units at a time.
  const uint64_t additions = (chiplet.split_k - 1) * ceil_div(part.n * part.vectors, chiplet.split_k);
  const uint64_t bytes = 3 * additions * sum_bytes(array.accumulation);
  const PortRate rate = PortRate::from(array.sram_bytes_per_second, clock_hz);
  uint64_t cycles = ceil_div(additions, uint64_t{array.rows} * array.columns);
  if (!rate.is_unlimited())
    cycles = std::max(cycles, ceil_div(bytes << 16, static_cast<uint64_t>(rate.q16())));
  chiplet.reduction_cycles = cycles;
  chiplet.work.other_cycles = cycles;
  chiplet.total.cycles += cycles;
  return chiplet;
}

// Sums over the arrays, the parts at the edges included. One of these may need longest, where a shorter dot
// product lies worse on the units.
void count_gemv(ChipletTime& chiplet, const VectorArrayDescription& array, double clock_hz,
                const GemvShape& shape) {
  const auto part = std::get<GemvShape>(chiplet.work.kernels()[0].shape);
  uint64_t longest_cycles = chiplet.total.cycles - chiplet.reduction_cycles;
  for (const Cut& n : cut(shape.n, part.n)) {
    for (const Cut& k : cut(shape.k, part.k)) {
      for (const Cut& vectors : cut(shape.vectors, part.vectors)) {
        const uint64_t times = n.count * k.count * vectors.count;
        if (times == 0) continue;
        const GemvShape piece{n.size, k.size, vectors.size, part.partial_results};
        const ArrayTime time = gemv_time(array, clock_hz, piece);
        add_traffic(chiplet.total, time, times);
        if (time.cycles <= longest_cycles) continue;
        longest_cycles = time.cycles;
        take_cycles(chiplet.total, time);
        chiplet.total.cycles += chiplet.reduction_cycles;
        chiplet.work = {};
        chiplet.work.other_cycles = chiplet.reduction_cycles;
        chiplet.work.add({piece});
      }
    }
  }
  if (chiplet.split_k == 1) return;
  // All partial results are read where they are added up, and the sums are written.
  const uint64_t results = shape.n * shape.vectors;
  const uint64_t sums = sum_bytes(array.accumulation);
  chiplet.interarray_bytes = (chiplet.split_k - 1) * results * sums;
  chiplet.total.sram_read_bytes += chiplet.split_k * results * sums;
  chiplet.total.sram_write_bytes += results * (shape.partial_results ? sums : word_bytes);
  chiplet.total.partial_sum_bytes += chiplet.split_k * results * sums;
}

}  // namespace

ChipletTime chiplet_gemv_time(const VectorArrayDescription& array, double clock_hz, const GemvShape& shape) {
  if (shape.n == 0 || shape.k == 0 || shape.vectors == 0)
    throw std::invalid_argument("a GEMV dimension is 0");
  ChipletTime best;
  const uint64_t most_k = std::max<uint64_t>(1, shape.k / (uint64_t{array.rows} * array.lanes));
  for (uint64_t split_k = 1; split_k <= std::min<uint64_t>(most_k, array.count); split_k *= 2) {
    for (uint64_t split_v = 1; split_v <= shape.vectors && split_k * split_v <= array.count; split_v *= 2) {
      const ChipletTime option = gemv_option(array, clock_hz, shape, split_k, split_v);
      if (best.tiles == 0 || option.total.cycles < best.total.cycles) best = option;
    }
  }
  count_gemv(best, array, clock_hz, shape);
  return best;
}

ChipletTime chiplet_independent_time(const ArrayTime& one, uint64_t count, uint64_t arrays) {
  ChipletTime chiplet;
  chiplet.total = one;
  chiplet.tiles = count;
  chiplet.tiles_of_busiest = ceil_div(count, arrays);
  chiplet.arrays_used = std::min(count, arrays);
  chiplet.total.compute_cycles += (chiplet.tiles_of_busiest - 1) * one.cycles;
  chiplet.total.cycles *= chiplet.tiles_of_busiest;
  for (uint64_t* sum :
       {&chiplet.total.sram_read_bytes, &chiplet.total.sram_write_bytes, &chiplet.total.partial_sum_bytes,
        &chiplet.total.state_bytes, &chiplet.total.intermediate_bytes, &chiplet.total.macs,
        &chiplet.total.sfu_operations}) {
    *sum *= count;
  }
  return chiplet;
}

ArrayTime sfu_time(const SfuDescription& sfu, double sram_bytes_per_second, double clock_hz,
                   uint64_t elements, unsigned functions, unsigned operands) {
  const PortRate rate = PortRate::from(sram_bytes_per_second, clock_hz);
  const uint64_t rounds = ceil_div(elements, sfu.units);
  const uint64_t busy = rounds * sfu.interval_cycles * std::max(1U, functions);
  const uint64_t latency = uint64_t{sfu.latency_cycles} * std::max(1U, functions);
  ArrayTime time;
  time.sram_read_bytes = elements * operands * word_bytes;
  time.sram_write_bytes = elements * word_bytes;
  time.sfu_operations = elements * functions;
  const uint64_t bytes = time.sram_read_bytes + time.sram_write_bytes;
  const uint64_t port = rate.is_unlimited() ? 0 : ceil_div(bytes << 16, static_cast<uint64_t>(rate.q16()));
  time.stalls.sram = port > busy ? port - busy : 0;
  time.cycles = time.compute_cycles = std::max(busy, port) + latency;
  return time;
}

}  // namespace duet::core
