// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/core/platform_description.hpp"
#include "duet/core/workload_description.hpp"
#include "duet/platform/module/node_modules.hpp"
#include "duet/platform/run/run_observer.hpp"

namespace duet::platform {

/// What is to be run: a machine, a model, requests, and the batch sizes.
struct RunRequest {
  core::PlatformDescription platform;   ///< with mapping, granularity and reuse_layers
  NodeModuleDescriptions modules = {};  ///< the user's own, on the platform
  core::ModelDescription model;
  core::WorkloadDescription workload;
  std::vector<std::uint64_t> batches;  ///< empty: those of the workload
  /// Context lengths at which a decode step is simulated: the middles of that many equal parts of the
  /// output. One is exact as long as the time of a step is linear in the context.
  unsigned contexts = 1;
};

}  // namespace duet::platform
