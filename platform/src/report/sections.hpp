// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "result_view.hpp"

namespace duet::platform {

/// The answer in words and figures, then every point of every run.
std::string summary_section(const ResultSet& set);
/// Two or more runs side by side, with ratios to the first; empty for one run.
std::string comparison_section(const ResultSet& set);
/// TTFT over batch, throughput against TBT, Pareto fronts, published values; empty if there is none of it.
std::string experiment_section(const ResultSet& set);

// The parts of one point's panel. Each takes the point and says so where its block is absent.
std::string layer_kind_part(const Json& point);
std::string roofline_part(const Json& point);
std::string timeline_part(const Json& point);
std::string floorplan_part(const Json& point);
std::string over_time_part(const Json& point);
std::string energy_part(const Json& point);
/// Of the whole run.
std::string area_part(const Json& run);

/// The interposer as SVG with the heat of nodes and links; needs no script.
std::string floorplan_svg(const Json& floorplan, const std::string& label);

}  // namespace duet::platform
