// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "duet/platform/experiment/experiment_results.hpp"

namespace duet::platform {

/// A law that holds for every machine, and the points that break it.
struct PhysicsLaw {
  std::string text;
  std::size_t checked = 0;          ///< phases, or pairs of points, that the law says something of
  std::vector<std::string> breaks;  ///< "duet llama3-8b chat batch 4, prefill"
};

/// Bounds of compute and memory, utilisations, the hand-over, energy and growth with the batch, on every
/// point of the results that fits and has phases.
std::vector<PhysicsLaw> check_physics(const ExperimentResults& results);

}  // namespace duet::platform
