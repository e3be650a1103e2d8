// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <vector>

#include "duet/platform/experiment/point_store.hpp"

namespace duet::platform {

/// Called after each point with the numbers of points done, failed and to do in all.
using ExperimentProgress = std::function<void(std::size_t done, std::size_t failed, std::size_t all)>;

struct LocalEngineOptions {
  std::filesystem::path program;    ///< duet-vp
  unsigned jobs = 1;                ///< processes at a time
  double timeout_seconds = 1800;    ///< of one point
  ExperimentProgress progress;      ///< may be empty
  std::function<bool()> stop = {};  ///< true ends the running points, which stay to be run; may be empty
};

/// Runs points as processes and stores what they print. A point that fails (exit code, no JSON, time)
/// is stored as failed and the others go on.
void run_locally(const std::vector<ExperimentPoint>& points, const PointStore& store,
                 const LocalEngineOptions& options);

}  // namespace duet::platform
