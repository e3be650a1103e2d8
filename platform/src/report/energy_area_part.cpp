// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "html.hpp"
#include "number_text.hpp"
#include "sections.hpp"

namespace duet::platform {

std::string energy_part(const Json& point) {
  HtmlTable table("Energy by part", {"phase", "part", "energy", "share", "mean power"});
  bool any = false;
  for (const char* name : {"prefill", "decode"}) {
    const Json& phase = child(point, name);
    const Json& energy = child(phase, "energy");
    const auto total_j = number(energy, "total_j");
    auto time_s = number(phase, "time_s");
    if (!time_s) time_s = number(point, std::string_view(name) == "prefill" ? "ttft_s" : "tbt_s");
    const auto add = [&](const std::string& part, std::optional<double> energy_j) {
      const bool has_power = energy_j && time_s && *time_s > 0;
      table.add_row({name, part, si_text(energy_j, "J"),
                     percent_text(energy_j && total_j && *total_j > 0 ? std::optional(*energy_j / *total_j)
                                                                      : std::nullopt),
                     si_text(has_power ? std::optional(*energy_j / *time_s) : std::nullopt, "W")});
      any = true;
    };
    for (const Json* part : list(energy, "parts")) add(text(*part, "name"), number(*part, "energy_j"));
    if (total_j) add("total", total_j);
  }
  const std::string heading = "<h3>Energy</h3>";
  if (!any) return heading + missing_note("The result has no energy.");
  return heading + chart_figure("Energy of a prefill and of a decode step, by part", "energy", "",
                                "stacked bars: energy by part, one bar a phase", table);
}

std::string area_part(const Json& run) {
  const auto packages = list(child(run, "area"), "packages");
  const std::string heading = fmt::format("<h3>Area: {}</h3>", escape_html(text(run, "label")));
  if (packages.empty()) return heading + missing_note("The result has no area.");
  HtmlTable table("Area of a compute chiplet and of the interposer, mm²",
                  {"package", "part", "area, mm²", "limit, mm²"});
  for (const Json* package : packages) {
    const std::string name = text(*package, "name");
    for (const Json* part : list(*package, "parts")) {
      table.add_row({name, text(*part, "name"), plain_text(number(*part, "area_mm2")), ""});
    }
    table.add_row({name, "compute chiplet", plain_text(number(*package, "chiplet_mm2")),
                   plain_text(number(*package, "chiplet_limit_mm2"))});
    table.add_row({name, "interposer", plain_text(number(*package, "interposer_mm2")),
                   plain_text(number(*package, "interposer_limit_mm2"))});
  }
  return heading + chart_figure("Area of one compute chiplet by part, with its limit", "area", "",
                                "stacked bars: area by part, one bar a package", table);
}

}  // namespace duet::platform
