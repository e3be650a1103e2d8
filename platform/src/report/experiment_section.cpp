// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html.hpp"
#include "number_text.hpp"
#include "sections.hpp"

namespace duet::platform {
namespace {

std::string published_table(const ResultSet& set) {
  HtmlTable table("Measured against published values",
                  {"metric", "model", "workload", "system", "measured", "published", "ratio"});
  std::vector<double> deviations;
  for (const Json& row : set.published) {
    const auto measured = number(row, "measured");
    const auto published = number(row, "published");
    std::optional<double> ratio;
    if (measured && published && *published != 0) {
      ratio = *measured / *published;
      deviations.push_back(std::abs(*ratio - 1));
    }
    const std::string unit = text(row, "unit");
    const auto figure = [&](std::optional<double> value) {
      return unit.empty() ? plain_text(value) : si_text(value, unit);
    };
    table.add_row({text(row, "metric"), text(row, "model"), text(row, "workload"), text(row, "system"),
                   figure(measured), figure(published), plain_text(ratio)});
  }
  if (table.empty()) return "";
  std::string html = "<h3>Published values</h3>";
  if (!deviations.empty()) {
    std::sort(deviations.begin(), deviations.end());
    const size_t half = deviations.size() / 2;
    const double median =
        deviations.size() % 2 == 1 ? deviations[half] : (deviations[half - 1] + deviations[half]) / 2;
    html += fmt::format("<p>Median absolute deviation of {} values: {}; worst: {}.</p>", deviations.size(),
                        percent_text(median), percent_text(deviations.back()));
  }
  return html + table.html();
}

std::string pareto_figures(const ResultSet& set) {
  std::string html;
  for (size_t i = 0; i < set.pareto.size(); ++i) {
    const Json& front = set.pareto[i];
    const Json& x = child(front, "x");
    const Json& y = child(front, "y");
    HtmlTable table(text(front, "title"), {"design", text(x, "label"), text(y, "label"), "on the front"});
    for (const Json* point : list(front, "points")) {
      table.add_row({text(*point, "label"), si_text(number(*point, "x"), text(x, "unit")),
                     si_text(number(*point, "y"), text(y, "unit")),
                     is_true(*point, "on_front") ? "yes" : "no"});
    }
    html += chart_figure(text(front, "title"), "pareto", std::to_string(i),
                         "scatter: " + text(front, "title"), table);
  }
  return html.empty() ? "" : "<h3>Pareto fronts</h3><div class=\"columns\">" + html + "</div>\n";
}

std::string over_batch(const ResultSet& set) {
  HtmlTable ttft("TTFT over batch", {"run", "batch", "TTFT"});
  HtmlTable trade("Throughput against TBT", {"run", "batch", "TBT", "throughput"});
  for (const Json& run : set.runs) {
    for (const Json* point : list(run, "points")) {
      if (does_not_fit(*point)) continue;
      const std::string batch = plain_text(number(*point, "batch"));
      ttft.add_row({text(run, "label"), batch, si_text(number(*point, "ttft_s"), "s")});
      trade.add_row({text(run, "label"), batch, si_text(number(*point, "tbt_s"), "s"),
                     rate_text(number(*point, "throughput_tokens_per_s"))});
    }
  }
  if (ttft.empty()) return "";
  return "<div class=\"columns\">" +
         chart_figure("TTFT over batch", "ttft-over-batch", "", "lines: TTFT over batch size, one line a run",
                      ttft) +
         chart_figure("Throughput against TBT, one mark a batch size", "throughput-tbt", "",
                      "lines: tokens per second over time between tokens, one line a run", trade) +
         "</div>\n";
}

}  // namespace

std::string experiment_section(const ResultSet& set) {
  size_t most_points = 0;
  for (const Json& run : set.runs) most_points = std::max(most_points, list(run, "points").size());
  if (!set.is_experiment && most_points < 2) return "";
  return "<section id=\"experiment\"><h2>Over batch sizes and designs</h2>\n" + over_batch(set) +
         pareto_figures(set) + published_table(set) + "</section>\n";
}

}  // namespace duet::platform
