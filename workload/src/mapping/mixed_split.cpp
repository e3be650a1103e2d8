// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/mixed_split.hpp"

#include <algorithm>

#include "duet/core/operation_timing.hpp"

namespace duet::workload {
namespace {

constexpr double element_bytes = 2;  // FP16 operands
// Shares of the vector-unit arrays that are tried, as parts of the share that balances both kinds.
constexpr double tried_shares[] = {1.0, 0.9, 0.75, 0.5, 0.25};

/// What one kind of array costs for its part of the block.
struct PartCost {
  PrefillGrid grid;
  double compute_s = 0;
  double memory_bytes = 0;  ///< of the whole package
  double ingest_bytes = 0;  ///< of one chiplet
};

PartCost cost_of(const SplitBlock& block, const PrefillGrid& grid, const GridSurroundings& around) {
  const GemmShape& part = block.shape;
  PartCost cost;
  cost.grid = grid;
  if (part.m == 0 || part.n == 0) return cost;
  plan_passes(part, around, around.systolic ? block.kept_bytes : 0, cost.grid);
  duet_descriptor descriptor{};
  descriptor.opcode = DUET_OP_GEMM;
  descriptor.engine = around.systolic ? DUET_ENGINE_SYSTOLIC : DUET_ENGINE_VECTOR;
  descriptor.shape.m = static_cast<uint32_t>(part.m);
  descriptor.shape.k = static_cast<uint32_t>(part.k);
  descriptor.shape.n = static_cast<uint32_t>(part.n);
  descriptor.shape.k_blocks = static_cast<uint32_t>(cost.grid.k_blocks);
  cost.compute_s =
      static_cast<double>(core::operation_timing(descriptor, around.type, 0).cycles) / around.type.clock_hz;
  const double read_a = element_bytes * static_cast<double>(part.m * part.k * cost.grid.passes_a);
  const double read_b = element_bytes * static_cast<double>(part.n * part.k * cost.grid.passes_b);
  cost.memory_bytes = (block.first_is_kept ? 0 : read_a * grid.rows) + read_b * grid.columns;
  cost.ingest_bytes = read_a + read_b;
  return cost;
}

double together_s(const PartCost& a, const PartCost& b, const GridSurroundings& around) {
  const double memory_s = (a.memory_bytes + b.memory_bytes) / around.package.peak_memory_bytes_per_second();
  const double links_s = (a.ingest_bytes + b.ingest_bytes) / around.package.description->noi.link.bandwidth;
  return std::max({a.compute_s, b.compute_s, memory_s, links_s});
}

}  // namespace

MixedSplit choose_split(const SplitBlock& block, const PrefillGrid& grid, const GridSurroundings& around) {
  GridSurroundings vector_side = around;
  vector_side.systolic = false;
  MixedSplit best;
  const PartCost alone = cost_of(block, grid, around);
  const PartCost other = cost_of(block, grid, vector_side);
  best.systolic = alone.grid;
  best.vector = grid;
  double best_s = together_s(alone, {}, around);
  const double balanced = alone.compute_s / (alone.compute_s + other.compute_s);
  for (const bool by_rows : {false, true}) {
    const uint64_t whole = by_rows ? block.shape.m : block.shape.n;
    for (const double tried : tried_shares) {
      const auto part = static_cast<uint64_t>(balanced * tried * static_cast<double>(whole));
      if (part == 0) continue;
      SplitBlock systolic = block;
      SplitBlock vector = block;
      (by_rows ? systolic.shape.m : systolic.shape.n) = whole - part;
      (by_rows ? vector.shape.m : vector.shape.n) = part;
      const PartCost first = cost_of(systolic, grid, around);
      const PartCost second = cost_of(vector, grid, vector_side);
      const double seconds = together_s(first, second, around);
      if (seconds >= best_s) continue;
      best_s = seconds;
      best = {by_rows, part, first.grid, second.grid};
    }
  }
  return best;
}

}  // namespace duet::workload
