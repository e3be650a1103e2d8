// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "duet/platform/experiment/result_figure.hpp"

namespace duet::platform {

/// A figure with a Pareto front, as an experiment's results.json has it; less is better in x and y.
struct DesignSpace {
  std::string title, x_label, y_label;
  std::vector<FigurePoint> points;
};

/// The design spaces of a results.json. Throws core::UserError when it cannot be read.
std::vector<DesignSpace> load_design_spaces(const std::filesystem::path& file);

/// The least x of all points with at most `point`'s y and `tolerance` (a share) more.
double least_x(const FigurePoint& point, const std::vector<FigurePoint>& points, double tolerance);

/// How far the highlighted points lie above the fronts, and whether that is at most `wanted` (a share), as
/// a section of docs/validation.md.
std::string design_space_section(const std::vector<DesignSpace>& spaces, double wanted);

}  // namespace duet::platform
