// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/tlm_interconnect/noi_topology.hpp"

namespace duet::platform {

/// An SVG of the interposer with its nodes in place and both directions of each link coloured by
/// utilisation (0 to 1). `labels` has a line for each node and may be empty.
std::string noi_heat_map(const tlm_interconnect::NoiTopology& topology,
                         const std::vector<double>& utilisation, const std::vector<std::string>& labels,
                         const std::string& title);

}  // namespace duet::platform
