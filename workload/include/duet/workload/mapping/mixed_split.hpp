// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstdint>

#include "duet/workload/graph/operator.hpp"
#include "duet/workload/mapping/prefill_grid.hpp"

namespace duet::workload {

/// How the two kinds of array of a mixed chiplet share its block of a product: the systolic arrays make
/// the first rows (or columns) of the block, the vector-unit arrays the others, at the same time.
struct MixedSplit {
  bool by_rows = false;
  std::uint64_t vector_part = 0;  ///< rows or columns of the vector-unit arrays; 0: they stand by
  PrefillGrid systolic;           ///< the stage's grid with the passes of each kind
  PrefillGrid vector;
};

/// A chiplet's block of a product: m x k times k x n.
struct SplitBlock {
  GemmShape shape;
  std::uint64_t kept_bytes = 0;  ///< taken of the systolic arrays' SRAM meanwhile
  bool first_is_kept = false;    ///< the m x k operand comes from SRAM

  auto operator<=>(const SplitBlock& other) const = default;
};

/// The split with the lowest predicted time. Rows leave the activations as they are and read the weights
/// once for each kind, columns the other way round. `around` describes the systolic side; the chiplets have
/// both kinds of array.
MixedSplit choose_split(const SplitBlock& block, const PrefillGrid& grid, const GridSurroundings& around);

}  // namespace duet::workload
