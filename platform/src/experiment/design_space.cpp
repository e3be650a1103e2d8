// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/design_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/result_table.hpp"

namespace duet::platform {

std::vector<DesignSpace> load_design_spaces(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw core::UserError(fmt::format("{}: cannot be read", file.string()));
  const auto document = nlohmann::json::parse(stream, nullptr, false);
  std::vector<DesignSpace> spaces;
  try {
    for (const auto& front : document.at("pareto")) {
      DesignSpace space{front.at("title"), front.at("x").at("label"), front.at("y").at("label"), {}};
      for (const auto& point : front.at("points"))
        space.points.push_back({point.at("x"), point.at("y"), point.at("label"), point.at("highlight")});
      spaces.push_back(std::move(space));
    }
  } catch (const nlohmann::json::exception&) {
    throw core::UserError(fmt::format(
        "{}: found no design space, allowed the results.json of an experiment with one", file.string()));
  }
  return spaces;
}

double least_x(const FigurePoint& point, const std::vector<FigurePoint>& points, double tolerance) {
  double least = point.x;
  for (const FigurePoint& other : points) {
    if (other.y <= point.y * (1 + tolerance)) least = std::min(least, other.x);
  }
  return least;
}

std::string design_space_section(const std::vector<DesignSpace>& spaces, double wanted) {
  const double percent = 100 * wanted;
  std::string text = fmt::format(
      "## Design spaces\n\nThe paper's arrays among all that were swept (Figure 5). Above the front: latency "
      "over the "
      "least of all arrays with no more area. Least area: of all arrays with at most this latency and {:.0f} "
      "% "
      "more.\n\n",
      percent);
  if (spaces.empty()) return text + "The experiments figure5a and figure5b have not run.\n";
  text +=
      "| space | array | area, mm2 | latency, s | above the front | least area, mm2 |\n"
      "|---|---|---:|---:|---:|---:|\n";
  for (const DesignSpace& space : spaces) {
    for (const FigurePoint& point : space.points) {
      if (!point.highlighted) continue;
      const double above = distance_from_front(point, space.points);
      text += fmt::format("| {} ({} points) | {} | {} | {} | {:.2f} % of {:.0f} % ({}) | {} |\n", space.title,
                          space.points.size(), point.label, format_cell(point.x), format_cell(point.y),
                          100 * above, percent, above <= wanted ? "met" : "missed",
                          format_cell(least_x(point, space.points, wanted)));
    }
  }
  return text;
}

}  // namespace duet::platform
