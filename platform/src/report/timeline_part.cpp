// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "html.hpp"
#include "number_text.hpp"
#include "sections.hpp"

namespace duet::platform {
namespace {

struct TrackSum {
  uint64_t events = 0;
  double busy_s = 0;
  double end_s = 0;
};

// Behind the bars stand the sums: a hundred thousand rows would help nobody.
HtmlTable track_table(const std::vector<const Json*>& events, const char* name) {
  std::map<std::string, TrackSum> tracks;
  for (const Json* event : events) {
    TrackSum& sum = tracks[text(*event, "track")];
    ++sum.events;
    const double duration_s = number(*event, "duration_s").value_or(0);
    sum.busy_s += duration_s;
    sum.end_s = std::max(sum.end_s, number(*event, "start_s").value_or(0) + duration_s);
  }
  HtmlTable table(fmt::format("Tracks of {}", name), {"track", "events", "sum of durations", "last end"});
  for (const auto& [track, sum] : tracks) {
    table.add_row({track, plain_text(static_cast<double>(sum.events)), si_text(sum.busy_s, "s"),
                   si_text(sum.end_s, "s")});
  }
  return table;
}

constexpr const char* zoom_buttons =
    "<div class=\"zoom\" hidden><button type=\"button\" data-zoom=\"in\" aria-label=\"zoom in\">+</button>"
    "<button type=\"button\" data-zoom=\"out\" aria-label=\"zoom out\">&minus;</button>"
    "<button type=\"button\" data-zoom=\"left\" aria-label=\"move left\">&larr;</button>"
    "<button type=\"button\" data-zoom=\"right\" aria-label=\"move right\">&rarr;</button>"
    "<button type=\"button\" data-zoom=\"all\">all</button><output></output></div>";

std::string timeline_figure(const Json& phase, const char* name) {
  const auto events = list(phase, "timeline");
  if (events.empty()) return missing_note(fmt::format("The result has no timeline of {}.", name));
  std::string caption = fmt::format("{}: {} events", name, events.size());
  if (const double dropped = number(phase, "timeline_dropped").value_or(0); dropped > 0) {
    caption += fmt::format(" ({} more were left out by the limit)", plain_text(dropped));
  }
  const auto layers = number(phase, "layers");
  const auto simulated = number(phase, "simulated_layers");
  if (layers && simulated && *simulated < *layers) {
    caption += fmt::format("; the {} layers that were simulated for all {}", plain_text(simulated),
                           plain_text(layers));
  }
  return zoom_buttons +
         chart_figure(caption, "timeline", name,
                      fmt::format("timeline of {}; keys: plus, minus, arrows, 0 for all", name),
                      track_table(events, name));
}

}  // namespace

std::string timeline_part(const Json& point) {
  return "<h3>Timeline</h3><div class=\"timeline\">" + timeline_figure(child(point, "prefill"), "prefill") +
         "</div><div class=\"timeline\">" + timeline_figure(child(point, "decode"), "decode") + "</div>\n";
}

std::string over_time_part(const Json& point) {
  std::string html = "<h3>Utilisation over time</h3><div class=\"columns\">";
  for (const char* name : {"prefill", "decode"}) {
    const Json& phase = child(point, name);
    const Json& block = child(phase, "utilisation_over_time");
    const auto series = list(block, "series");
    if (series.empty()) {
      html += missing_note(fmt::format("The result has no utilisation over time of {}.", name));
      continue;
    }
    HtmlTable table(fmt::format("Utilisation of {}", name), {"part", "mean", "least", "most"});
    for (const Json* line : series) {
      double sum = 0;
      double least = 1e300;
      double most = 0;
      size_t count = 0;
      for (const Json* value : list(*line, "values")) {
        if (!value->is_number()) continue;
        const double ratio = value->get<double>();
        sum += ratio;
        least = std::min(least, ratio);
        most = std::max(most, ratio);
        ++count;
      }
      if (count == 0) continue;
      table.add_row({text(*line, "name"), percent_text(sum / static_cast<double>(count)), percent_text(least),
                     percent_text(most)});
    }
    html += chart_figure(fmt::format("{}: means over {}", name, si_text(number(block, "interval_s"), "s")),
                         "over-time", name, fmt::format("lines: utilisation during {}", name), table);
  }
  return html + "</div>\n";
}

}  // namespace duet::platform
