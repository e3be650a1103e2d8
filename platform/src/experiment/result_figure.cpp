// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/result_figure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/result_table.hpp"

namespace duet::platform {

std::vector<FigureSeries> figure_series(const FigureDescription& description,
                                        const ExperimentResults& results) {
  std::vector<FigureSeries> series;
  for (const ResultRow& row : results.rows()) {
    if (!row.matches(description.where)) continue;
    const auto x = row.number(description.x);
    const auto y = row.number(description.y);
    if (!x || !y) continue;
    const std::string name = row.text(description.series).value_or("");
    auto found =
        std::find_if(series.begin(), series.end(), [&](const auto& one) { return one.name == name; });
    if (found == series.end()) found = series.insert(series.end(), {name, {}});
    std::string label;
    for (const auto& [input, value] : row.inputs) label += (label.empty() ? "" : ", ") + input + " " + value;
    const bool highlighted = !description.highlight.empty() && row.matches(description.highlight);
    found->points.push_back({*x, *y, label, highlighted});
  }
  if (series.empty()) {
    throw core::UserError(fmt::format("figure {}: no point has numbers '{}' and '{}'", description.name,
                                      description.x, description.y));
  }
  if (description.lines) {
    for (FigureSeries& one : series) {
      std::stable_sort(one.points.begin(), one.points.end(),
                       [](const FigurePoint& a, const FigurePoint& b) { return a.x < b.x; });
    }
  }
  return series;
}

std::vector<FigurePoint> pareto_front(const std::vector<FigurePoint>& points) {
  std::vector<FigurePoint> sorted = points;
  std::stable_sort(sorted.begin(), sorted.end(), [](const FigurePoint& a, const FigurePoint& b) {
    return a.x != b.x ? a.x < b.x : a.y < b.y;
  });
  std::vector<FigurePoint> front;
  for (const FigurePoint& point : sorted) {
    if (front.empty() || point.y < front.back().y) front.push_back(point);
  }
  return front;
}

double distance_from_front(const FigurePoint& point, const std::vector<FigurePoint>& points) {
  double least = point.y;
  for (const FigurePoint& other : points) {
    if (other.x <= point.x) least = std::min(least, other.y);
  }
  return point.y / least - 1;
}

std::string front_markdown(const FigureDescription& description, const std::vector<FigureSeries>& series) {
  std::vector<FigurePoint> all;
  for (const FigureSeries& one : series) all.insert(all.end(), one.points.begin(), one.points.end());
  std::string text = fmt::format("### {}: Pareto front\n\n| point | {} | {} |\n|---|---:|---:|\n",
                                 description.title.empty() ? description.name : description.title,
                                 description.x, description.y);
  for (const FigurePoint& point : pareto_front(all)) {
    text += fmt::format("| {} | {} | {} |\n", point.label, format_cell(point.x), format_cell(point.y));
  }
  for (const FigurePoint& point : all) {
    if (!point.highlighted) continue;
    text += fmt::format("\n{}: {} at {}, {:.2f} % above the front.\n", point.label, format_cell(point.y),
                        format_cell(point.x), 100 * distance_from_front(point, all));
  }
  return text;
}

}  // namespace duet::platform
