// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>
#include <vector>

#include "duet/core/noi_description.hpp"

namespace duet::platform {

/// Links of the mesh with its missing and extra ones, each direction by itself, as (from, to).
std::vector<std::pair<unsigned, unsigned>> noi_links(const core::NoiDescription& noi);

/// For each node id, whether any path leads to it from `start`.
std::vector<bool> nodes_reached(const core::NoiDescription& noi, unsigned start);

/// Rate of one direction of a link.
double link_bytes_per_second(const core::NoiDescription& noi, unsigned from, unsigned to);

}  // namespace duet::platform
