// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/core/platform_description.hpp"
#include "duet/core/workload_description.hpp"

namespace duet::platform {

class Simulation;

/// What is to be run: a machine, a model, requests, and the batch sizes.
struct RunRequest {
  core::PlatformDescription platform;  ///< with mapping, granularity and reuse_layers
  core::ModelDescription model;
  core::WorkloadDescription workload;
  std::vector<std::uint64_t> batches;  ///< empty: those of the workload
  /// Context lengths at which a decode step is simulated: the middles of that many equal parts of the
  /// output. One is exact as long as the time of a step is linear in the context.
  unsigned contexts = 1;
};

/// Who wants to know what happens while it happens.
struct RunObserver {
  std::function<void(const std::string&)> progress;  ///< "batch 8 (4 of 8): decode"
  std::function<void(const std::string&)> warning;   ///< a guest mistake, with module and time
  /// Called with every simulation before its time 0 and the package that runs in it. What it returns, a
  /// debugger for instance, lives until just before the simulation goes.
  std::function<std::shared_ptr<void>(Simulation&, unsigned package)> attach;
};

}  // namespace duet::platform
