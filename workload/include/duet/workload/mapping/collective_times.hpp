// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/core/platform_layout.hpp"

namespace duet::workload {

/// Closed forms of collectives between compute chiplets on an otherwise idle NoI: the larger of what the
/// busiest link or local port has to carry, and the time of the longest way. `nodes` are the members.
/// Prediction for the mapper; routes are those of its LinkLoads, latencies of the description's default link.

/// All-gather: every member posts `bytes` to all of them. Each post crosses a link once.
double all_gather_seconds(const core::PackageLayout& package, const std::vector<unsigned>& nodes,
                          std::uint64_t bytes);
/// Reduce-scatter: every member writes a summand of `bytes` for every member, summed on the way; each sum
/// crosses a link once.
double reduce_scatter_seconds(const core::PackageLayout& package, const std::vector<unsigned>& nodes,
                              std::uint64_t bytes);

}  // namespace duet::workload
