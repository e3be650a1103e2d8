// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/workload/mapping/program.hpp"

namespace duet::platform {

/// A layer of a program (embedding and head included): its stages, and what makes two layers the same.
struct GraphLayer {
  size_t first_stage = 0;
  size_t stages = 0;
  std::string kinds;      ///< of its stages
  std::string signature;  ///< how they are cut, too
};

std::vector<GraphLayer> layers_of(const workload::Program& program);

/// How many layers' operands the room for prefetched ones holds, rounded down.
std::size_t layers_in_room(const workload::Program& program, std::size_t layers);

/// Where among the layers of the whole program each position of the model's pattern begins, and, last, where
/// the head does. A shared block makes further layers of its position.
std::vector<size_t> pattern_positions(const std::vector<GraphLayer>& layers,
                                      const core::ModelDescription& model);

}  // namespace duet::platform
