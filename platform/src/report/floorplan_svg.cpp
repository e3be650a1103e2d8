// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html.hpp"
#include "number_text.hpp"
#include "sections.hpp"

namespace duet::platform {
namespace {

constexpr double tile = 84;    // of a node, in units of the drawing
constexpr double pitch = 120;  // of the grid
constexpr double lane = 9;     // offset of a link from the middle line, so that both directions show
constexpr int heat_steps = 10;

int heat(double utilisation) {
  return std::clamp(static_cast<int>(std::lround(utilisation * heat_steps)), 0, heat_steps);
}

std::string link_svg(const Json& link, const Json& from, const Json& to) {
  const double utilisation = number(link, "utilisation").value_or(0);
  const double x1 = (number(from, "x").value_or(0) + 0.5) * pitch;
  const double y1 = (number(from, "y").value_or(0) + 0.5) * pitch;
  const double x2 = (number(to, "x").value_or(0) + 0.5) * pitch;
  const double y2 = (number(to, "y").value_or(0) + 0.5) * pitch;
  const double length = std::hypot(x2 - x1, y2 - y1);
  if (length == 0) return "";
  // The tiles cover the middle; each direction keeps to its right.
  const double ux = (x2 - x1) / length;
  const double uy = (y2 - y1) / length;
  const double shift_x = -uy * lane;
  const double shift_y = ux * lane;
  return fmt::format(
      "<line class=\"link h{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"><title>{} to {}: {}, "
      "{}"
      "</title></line>",
      heat(utilisation), x1 + ux * tile / 2 + shift_x, y1 + uy * tile / 2 + shift_y,
      x2 - ux * tile / 2 + shift_x, y2 - uy * tile / 2 + shift_y, escape_html(text(from, "name")),
      escape_html(text(to, "name")), percent_text(number(link, "utilisation")),
      si_text(number(link, "bytes"), "B"));
}

// A name wider than its tile is set narrower; 7.5 is the mean width of a letter.
std::string name_width(const std::string& name) {
  const double room = tile - 8;
  return static_cast<double>(name.size()) * 7.5 <= room
             ? ""
             : fmt::format(" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", room);
}

std::string node_svg(const Json& node) {
  const double x = (number(node, "x").value_or(0) + 0.5) * pitch - tile / 2;
  const double y = (number(node, "y").value_or(0) + 0.5) * pitch - tile / 2;
  const auto utilisation = number(node, "utilisation");
  const std::string name = escape_html(text(node, "name"));
  const std::string kind = escape_html(text(node, "kind"));
  return fmt::format(
      "<g class=\"node h{}\"><title>{} ({}): {}</title><rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" "
      "width=\"{}\" "
      "height=\"{}\" rx=\"{}\"/><text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text><text class=\"value\" "
      "x=\"{:.1f}\" "
      "y=\"{:.1f}\">{}</text></g>",
      heat(utilisation.value_or(0)), name, kind, percent_text(utilisation),
      text(node, "kind") == "compute" ? "compute" : "memory", x, y, tile, tile,
      text(node, "kind") == "compute" ? 4 : 14, x + tile / 2, y + tile / 2 - 8,
      name_width(text(node, "name")), name, x + tile / 2, y + tile / 2 + 16, percent_text(utilisation));
}

std::string legend_svg(double width, double y) {
  std::string svg =
      fmt::format("<g class=\"legend\"><text class=\"start\" x=\"10\" y=\"{:.1f}\">0 %</text>", y + 13);
  constexpr double cell = 22;
  for (int step = 0; step <= heat_steps; ++step) {
    svg += fmt::format("<rect class=\"cell h{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"16\"/>",
                       step, 48 + step * cell, y, cell);
  }
  svg += fmt::format("<text class=\"start\" x=\"{:.1f}\" y=\"{:.1f}\">100 % busy{}</text></g>",
                     54 + (heat_steps + 1) * cell, y + 13,
                     width > 560 ? "; square: compute, round: memory" : "");
  return svg;
}

}  // namespace

std::string floorplan_svg(const Json& floorplan, const std::string& label) {
  const auto nodes = list(floorplan, "nodes");
  double columns = number(floorplan, "columns").value_or(0);
  double rows = number(floorplan, "rows").value_or(0);
  for (const Json* node : nodes) {
    columns = std::max(columns, number(*node, "x").value_or(0) + 1);
    rows = std::max(rows, number(*node, "y").value_or(0) + 1);
  }
  const double width = std::max(columns * pitch, 460.0);
  const double height = rows * pitch + 30;
  std::string svg =
      fmt::format("<svg class=\"floorplan\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">",
                  width, height, escape_html(label));
  svg +=
      fmt::format("<rect class=\"interposer\" x=\"4\" y=\"4\" width=\"{:.0f}\" height=\"{:.0f}\" rx=\"10\"/>",
                  columns * pitch - 8, rows * pitch - 8);
  for (const Json* link : list(floorplan, "links")) {
    const auto from = number(*link, "from");
    const auto to = number(*link, "to");
    const auto valid = [&](std::optional<double> index) {
      return index && *index >= 0 && *index < static_cast<double>(nodes.size());
    };
    if (!valid(from) || !valid(to)) continue;
    svg += link_svg(*link, *nodes[static_cast<size_t>(*from)], *nodes[static_cast<size_t>(*to)]);
  }
  for (const Json* node : nodes) svg += node_svg(*node);
  return svg + legend_svg(width, rows * pitch + 6) + "</svg>";
}

std::string floorplan_part(const Json& point) {
  std::string html = "<h3>Interposer</h3><div class=\"columns\">";
  for (const char* name : {"prefill", "decode"}) {
    const Json& floorplan = child(child(point, name), "floorplan");
    const auto nodes = list(floorplan, "nodes");
    if (nodes.empty()) {
      html += missing_note(fmt::format("The result has no floorplan of {}.", name));
      continue;
    }
    HtmlTable table(fmt::format("Nodes and links of {}", name), {"node or link", "kind", "busy", "bytes"});
    for (const Json* node : nodes) {
      table.add_row(
          {text(*node, "name"), text(*node, "kind"), percent_text(number(*node, "utilisation")), ""});
    }
    for (const Json* link : list(floorplan, "links")) {
      const auto end_name = [&](const char* key) {
        const auto index = number(*link, key).value_or(-1);
        return index >= 0 && index < static_cast<double>(nodes.size())
                   ? text(*nodes[static_cast<size_t>(index)], "name")
                   : std::string("?");
      };
      table.add_row({end_name("from") + " to " + end_name("to"), "link",
                     percent_text(number(*link, "utilisation")), si_text(number(*link, "bytes"), "B")});
    }
    html += static_figure(fmt::format("{}: how busy chiplets, memory and links are", name),
                          floorplan_svg(floorplan, fmt::format("floorplan of the {} package", name)), table);
  }
  return html + "</div>\n";
}

}  // namespace duet::platform
