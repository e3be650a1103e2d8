// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/core/chiplet_description.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/workload/mapping/kept_tensors.hpp"
#include "duet/workload/mapping/program.hpp"
#include "duet/workload/mapping/stage.hpp"

namespace duet::workload {

/// What the choice of grids needs of the package.
struct GridSurroundings {
  const core::PackageLayout& package;
  const core::AddressMap& map;
  const core::NodeTypeDescription& type;
  const std::vector<unsigned>& chiplets;  ///< ordinals of those that take part
  unsigned parts;                         ///< how many they are
  bool systolic;                          ///< on systolic arrays, else on vector-unit arrays
};

/// True when a consumer with grid `use` finds all of its input near it, where a producer with grid `made`
/// has left it: whole rows of a product's first operand may have been made by several columns, everything
/// else must have been made in the same blocks.
bool is_local(const Stage& consumer, const TensorUse& input, const PrefillGrid& use, const PrefillGrid& made);

/// Fills in how often a product's slices on one chiplet (m x k and k x n) are read, and the parts of k, so
/// that its blocks fit what `kept_bytes` leave of the SRAM of the arrays, and the bytes read are fewest.
void plan_passes(const GemmShape& slice, const GridSurroundings& around, std::uint64_t kept_bytes,
                 PrefillGrid& grid);

/// The grid of each stage (moves have 1 x 1): for every stage the predicted time of each grid, for every
/// change of grid the time to move the activations between chiplets; the cheapest sequence is taken. Tensors
/// of `kept` stay in SRAM where grids agree.
std::vector<PrefillGrid> choose_grids(const std::vector<Stage>& stages, const GridSurroundings& around,
                                      const KeptTensors& kept);

/// The grids that `program` has for the same layers; its last three layers stand for the last three of
/// `stages`. Empty when the stages are others.
std::vector<PrefillGrid> grids_of(const Program& program, const std::vector<Stage>& stages);

}  // namespace duet::workload
