// SPDX-License-Identifier: Apache-2.0
#include "noi_heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace duet::platform {
namespace {

constexpr double pitch = 104;
constexpr double die = 54;
constexpr double line_height = 9;
constexpr double margin = 40;

std::string colour(double utilisation) {
  // From a pale yellow over orange to a dark red, in steps of lightness that also print in grey.
  const double part = std::clamp(utilisation, 0.0, 1.0);
  const auto hue = static_cast<int>(std::lround(50 - 50 * part));
  const auto lightness = static_cast<int>(std::lround(82 - 52 * part));
  return fmt::format("hsl({},90%,{}%)", hue, lightness);
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    result += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  }
  return result;
}

/// "decode_chiplet" as a line for each word, so that it stays inside the die.
std::vector<std::string> lines_of(const std::string& label) {
  std::vector<std::string> lines{""};
  for (const char c : label) {
    c == '_' ? void(lines.emplace_back()) : lines.back().push_back(c);
  }
  return lines;
}

}  // namespace

std::string noi_heat_map(const tlm_interconnect::NoiTopology& topology,
                         const std::vector<double>& utilisation, const std::vector<std::string>& labels,
                         const std::string& title) {
  const double width = 2 * margin + pitch * (topology.columns() - 1) + die + 90;
  const double height = 2 * margin + pitch * (topology.rows() - 1) + die + 20;
  auto centre_x = [&](tlm_interconnect::NodeId node) {
    return margin + die / 2 + pitch * (node % topology.columns());
  };
  auto centre_y = [&](tlm_interconnect::NodeId node) {
    return margin + 20 + die / 2 + pitch * (node / topology.columns());
  };
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" "
      "height=\"{:.0f}\" font-family=\"sans-serif\" font-size=\"11\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{:.0f}\" y=\"24\" "
      "font-size=\"14\">{}</text>\n",
      width, height, width, height, margin, escaped(title));
  for (size_t id = 0; id < topology.links().size(); ++id) {
    const auto& link = topology.links()[id];
    const double dx = centre_x(link.to) - centre_x(link.from);
    const double dy = centre_y(link.to) - centre_y(link.from);
    const double length = std::hypot(dx, dy);
    // The two directions lie side by side, each to the right of its way.
    const double side_x = -dy / length * 6;
    const double side_y = dx / length * 6;
    const double trim = die / 2 / length;
    svg += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"9\">"
        "<title>{} to {}: {:.1f} %</title></line>\n",
        centre_x(link.from) + dx * trim + side_x, centre_y(link.from) + dy * trim + side_y,
        centre_x(link.to) - dx * trim + side_x, centre_y(link.to) - dy * trim + side_y,
        colour(utilisation[id]), link.from, link.to, 100 * utilisation[id]);
    // The figure beside it, since light links look alike.
    svg += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" font-size=\"8\" "
        "fill=\"#445\">{:.0f}</text>\n",
        (centre_x(link.from) + centre_x(link.to)) / 2 + 2.9 * side_x,
        (centre_y(link.from) + centre_y(link.to)) / 2 + 2.9 * side_y + 3, 100 * utilisation[id]);
  }
  for (tlm_interconnect::NodeId node = 0; node < topology.nodes(); ++node) {
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.0f}\" rx=\"4\" fill=\"#e8edf3\" "
        "stroke=\"#556\"/>\n<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
        centre_x(node) - die / 2, centre_y(node) - die / 2, die, die, centre_x(node), centre_y(node) - 6,
        node);
    if (node >= labels.size()) continue;
    double y = centre_y(node) + 5;
    for (const std::string& line : lines_of(labels[node])) {
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" font-size=\"8\">{}</text>\n",
                         centre_x(node), y, escaped(line));
      y += line_height;
    }
  }
  const double legend_x = width - 70;
  for (int step = 0; step <= 10; ++step) {
    svg += fmt::format("<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"14\" height=\"12\" fill=\"{}\"/>\n", legend_x,
                       margin + 20 + 12 * (10 - step), colour(step / 10.0));
    if (step % 5 == 0) {
      svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{} %</text>\n", legend_x + 18,
                         margin + 30 + 12 * (10 - step), step * 10);
    }
  }
  return svg + "</svg>\n";
}

}  // namespace duet::platform
