// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "html.hpp"
#include "number_text.hpp"
#include "sections.hpp"

namespace duet::platform {
namespace {

std::string kinds_figure(const Json& phase, const char* name) {
  const auto kinds = list(phase, "layer_kinds");
  if (kinds.empty()) return missing_note(fmt::format("The result has no layer kinds of {}.", name));
  double total_s = 0;
  for (const Json* kind : kinds) total_s += number(*kind, "time_s").value_or(0);
  HtmlTable table(fmt::format("Layer kinds of {}", name),
                  {"layer kind", "layers", "time", "share", "bound", "if only compute", "SRAM", "NoI",
                   "memory", "link", "driver", "MACs", "memory traffic"});
  for (const Json* kind : kinds) {
    const auto time_s = number(*kind, "time_s");
    const Json& bounds = child(*kind, "bounds");
    const auto bound = [&](const char* key) { return si_text(number(bounds, key), "s"); };
    table.add_row({text(*kind, "kind"), plain_text(number(*kind, "count")), si_text(time_s, "s"),
                   percent_text(time_s && total_s > 0 ? std::optional(*time_s / total_s) : std::nullopt),
                   bound_text(*kind), bound("compute_s"), bound("sram_s"), bound("noi_s"), bound("memory_s"),
                   bound("link_s"), bound("driver_s"), si_text(number(*kind, "macs"), "MAC"),
                   si_text(number(*kind, "bytes"), "B")});
  }
  return chart_figure(
      fmt::format("{}: {} in layers, coloured by what binds them", name, si_text(total_s, "s")),
      "layer-kinds", name, fmt::format("bars: time of {} by layer kind and bound", name), table);
}

}  // namespace

std::string layer_kind_part(const Json& point) {
  return "<h3>Time by layer kind and bound</h3><div class=\"columns\">" +
         kinds_figure(child(point, "prefill"), "prefill") + kinds_figure(child(point, "decode"), "decode") +
         "</div>\n";
}

std::string roofline_part(const Json& point) {
  HtmlTable table("Layer kinds on the roofline",
                  {"phase", "layer kind", "FLOP/byte", "reached", "roof there", "of the roof"});
  bool any = false;
  for (const char* name : {"prefill", "decode"}) {
    const Json& phase = child(point, name);
    const auto peak = number(phase, "peak_macs_per_s");
    const auto bandwidth = number(phase, "memory_bandwidth_bytes_per_s");
    for (const Json* kind : list(phase, "layer_kinds")) {
      const auto intensity = number(*kind, "flop_per_byte");
      const auto macs = number(*kind, "macs");
      auto time_s = number(*kind, "busy_s");
      if (!time_s) time_s = number(*kind, "time_s");
      if (!intensity || !macs || !time_s || *time_s <= 0 || *macs <= 0) continue;
      any = true;
      const double reached = 2 * *macs / *time_s;
      std::optional<double> roof;
      if (peak && bandwidth) roof = std::min(2 * *peak, *intensity * *bandwidth);
      table.add_row({name, text(*kind, "kind"), plain_text(intensity), si_text(reached, "FLOP/s"),
                     si_text(roof, "FLOP/s"),
                     percent_text(roof ? std::optional(reached / *roof) : std::nullopt)});
    }
  }
  const std::string heading = "<h3>Roofline</h3>";
  if (!any) return heading + missing_note("The result has no operational intensities of layer kinds.");
  return heading + chart_figure(
                       "Every layer kind under the limits of compute and memory; two operations per MAC. A "
                       "mark above the memory line had operands prefetched",
                       "roofline", "", "roofline: FLOP/s over FLOP per byte, one mark a layer kind", table);
}

}  // namespace duet::platform
