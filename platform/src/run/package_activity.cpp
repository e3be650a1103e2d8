// SPDX-License-Identifier: Apache-2.0
#include "package_activity.hpp"

#include <algorithm>

namespace duet::platform {

PackageActivity activity_of(PackageModule& package) {
  PackageActivity activity;
  activity.time_ps = sc_core::sc_time_stamp().value();
  for (const auto& memory : package.memories()) {
    const memory::MemoryCounters counters = memory->counters();
    activity.memory_bytes.push_back(static_cast<double>(counters.bytes_read + counters.bytes_written));
  }
  const auto& network = package.noi().network();
  for (uint32_t link = 0; link < network.topology().links().size(); ++link) {
    activity.link_busy_ps.push_back(network.link_busy_ps(link));
  }
  return activity;
}

std::vector<double> ratios_over_time(const std::vector<double>& counts, double per_interval) {
  std::vector<double> ratios;
  double rest = 0;
  for (size_t i = 1; i < counts.size(); ++i) {
    rest += counts[i] - counts[i - 1];
    const double used = std::min(rest, per_interval);
    ratios.push_back(per_interval > 0 ? used / per_interval : 0);
    rest -= used;
  }
  for (size_t i = ratios.size(); i > 0 && rest > 0; --i) {
    const double used = std::min(rest, (1 - ratios[i - 1]) * per_interval);
    ratios[i - 1] += used / per_interval;
    rest -= used;
  }
  return ratios;
}

}  // namespace duet::platform
