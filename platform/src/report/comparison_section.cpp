// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "html.hpp"
#include "number_text.hpp"
#include "sections.hpp"

namespace duet::platform {
namespace {

struct Metric {
  const char* key;
  const char* name;
  const char* unit;
};
constexpr Metric metrics[] = {
    {"ttft_s", "TTFT", "s"}, {"tbt_s", "TBT", "s"}, {"throughput_tokens_per_s", "throughput", "tokens/s"}};

std::map<double, double> by_batch(const Json& run, const char* key) {
  std::map<double, double> values;
  for (const Json* point : list(run, "points")) {
    const auto batch = number(*point, "batch");
    const auto value = number(*point, key);
    if (batch && value && *value > 0 && !does_not_fit(*point)) values[*batch] = *value;
  }
  return values;
}

// Geometric mean of run / base over the batch sizes that both have.
std::optional<double> mean_ratio(const Json& run, const Json& base, const char* key) {
  const auto theirs = by_batch(base, key);
  double sum = 0;
  int count = 0;
  for (const auto& [batch, value] : by_batch(run, key)) {
    const auto found = theirs.find(batch);
    if (found == theirs.end()) continue;
    sum += std::log(value / found->second);
    ++count;
  }
  return count == 0 ? std::nullopt : std::optional(std::exp(sum / count));
}

/// For each run the first one of the same model and workload: only with it a ratio says something of the
/// platform.
std::vector<const Json*> bases_of(const ResultSet& set) {
  std::map<std::pair<std::string, std::string>, const Json*> first;
  std::vector<const Json*> bases;
  for (const Json& run : set.runs)
    bases.push_back(first.try_emplace({text(run, "model"), text(run, "workload")}, &run).first->second);
  return bases;
}

HtmlTable metric_table(const ResultSet& set, const Metric& metric) {
  std::map<double, std::vector<std::string>> rows;
  for (size_t i = 0; i < set.runs.size(); ++i) {
    for (const auto& [batch, value] : by_batch(set.runs[i], metric.key)) {
      auto& row = rows[batch];
      row.resize(set.runs.size(), std::string(no_figure));
      row[i] = std::string_view(metric.unit) == "s" ? si_text(value, "s") : rate_text(value);
    }
  }
  std::vector<std::string> columns{"batch"};
  for (const Json& run : set.runs) columns.push_back(text(run, "label"));
  HtmlTable table(fmt::format("{} over batch", metric.name), columns);
  for (auto& [batch, row] : rows) {
    row.insert(row.begin(), plain_text(batch));
    table.add_row(row);
  }
  return table;
}

// Each run at the largest batch that has layer kinds.
HtmlTable kinds_table(const ResultSet& set, const char* phase) {
  HtmlTable table(fmt::format("Time of {} by layer kind", phase),
                  {"run", "batch", "layer kind", "time", "bound"});
  for (const Json& run : set.runs) {
    const Json* largest = nullptr;
    for (const Json* point : list(run, "points")) {
      if (!list(child(*point, phase), "layer_kinds").empty()) largest = point;
    }
    if (largest == nullptr) continue;
    for (const Json* kind : list(child(*largest, phase), "layer_kinds")) {
      table.add_row({text(run, "label"), plain_text(number(*largest, "batch")), text(*kind, "kind"),
                     si_text(number(*kind, "time_s"), "s"), bound_text(*kind)});
    }
  }
  return table;
}

}  // namespace

std::string comparison_section(const ResultSet& set) {
  if (set.runs.size() < 2) return "";
  std::string html = "<section id=\"comparison\"><h2>Comparison</h2>\n";
  const std::vector<const Json*> bases = bases_of(set);
  const bool one_base = std::ranges::all_of(bases, [&](const Json* base) { return base == bases.front(); });
  HtmlTable ratios(
      fmt::format("Relative to {}: geometric mean over the batch sizes that both run",
                  one_base ? text(*bases.front(), "label") : "the first run of the same model and workload"),
      {"run", "TTFT", "TBT", "throughput"});
  for (size_t i = 0; i < set.runs.size(); ++i) {
    const Json& run = set.runs[i];
    const Json& base = *bases[i];
    ratios.add_row({text(run, "label"), factor_text(mean_ratio(run, base, "ttft_s")),
                    factor_text(mean_ratio(run, base, "tbt_s")),
                    factor_text(mean_ratio(run, base, "throughput_tokens_per_s"))});
  }
  html += ratios.html();
  html +=
      "<fieldset class=\"toggles\" id=\"shown-runs\" hidden><legend>Shown runs</legend></fieldset>\n<div "
      "class=\"columns three\">";
  for (const Metric& metric : metrics) {
    html +=
        chart_figure(fmt::format("{} over batch", metric.name), "comparison", metric.key,
                     fmt::format("{} of every run over batch size", metric.name), metric_table(set, metric));
  }
  html += "</div>\n";
  std::string kinds;
  for (const char* phase : {"prefill", "decode"}) {
    const HtmlTable table = kinds_table(set, phase);
    if (table.empty()) continue;
    kinds += chart_figure(fmt::format("Time of {} by layer kind, at each run's largest batch", phase),
                          "comparison-kinds", phase,
                          fmt::format("stacked bars: time of {} by layer kind, one bar a run", phase), table);
  }
  if (!kinds.empty()) html += "<h3>Where the time goes</h3><div class=\"columns\">" + kinds + "</div>\n";
  return html + "</section>\n";
}

}  // namespace duet::platform
