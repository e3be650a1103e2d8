// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/platform/simulation/package_module.hpp"

namespace duet::platform {

/// What a package's links and memories had done up to a moment: the difference of two tells what happened
/// between them.
struct PackageActivity {
  uint64_t time_ps = 0;
  std::vector<double> memory_bytes;  ///< per memory node, read and written
  std::vector<double> link_busy_ps;  ///< per link and direction of the NoI
};

PackageActivity activity_of(PackageModule& package);

/// Differences of a rising count as ratios of what an interval can take, 0 to 1. Models book work at once,
/// when it begins or ends, so that a difference may exceed its interval: the rest counts in the intervals
/// after it, and what is left at the end in those before it.
std::vector<double> ratios_over_time(const std::vector<double>& counts, double per_interval);

}  // namespace duet::platform
