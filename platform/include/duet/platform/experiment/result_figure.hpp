// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "duet/platform/experiment/experiment_description.hpp"
#include "duet/platform/experiment/experiment_results.hpp"

namespace duet::platform {

struct FigurePoint {
  double x = 0;
  double y = 0;
  std::string label;  ///< shown when the mouse rests on it
  bool highlighted = false;
};

struct FigureSeries {
  std::string name;
  std::vector<FigurePoint> points;
};

/// The series of a figure, in the order of the results, points by rising x when they are joined.
/// Throws core::UserError when no point has both values.
std::vector<FigureSeries> figure_series(const FigureDescription& description,
                                        const ExperimentResults& results);

/// Points that no other point beats in both x and y (less is better), by rising x.
std::vector<FigurePoint> pareto_front(const std::vector<FigurePoint>& points);

/// How far a point lies above the front: its y over the least y of all points with no more x, less 1.
double distance_from_front(const FigurePoint& point, const std::vector<FigurePoint>& points);

/// The front of a figure as a table, and the distance of its highlighted points from it.
std::string front_markdown(const FigureDescription& description, const std::vector<FigureSeries>& series);

/// A drawing that stands alone.
std::string figure_svg(const FigureDescription& description, const std::vector<FigureSeries>& series);

}  // namespace duet::platform
