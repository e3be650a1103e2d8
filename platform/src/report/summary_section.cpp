// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "html.hpp"
#include "number_text.hpp"
#include "sections.hpp"

namespace duet::platform {
namespace {

std::vector<const Json*> fitting_points(const Json& run) {
  std::vector<const Json*> points;
  for (const Json* point : list(run, "points")) {
    if (!does_not_fit(*point) && number(*point, "ttft_s")) points.push_back(point);
  }
  return points;
}

// The run's own summary, or the same means over the points that fit.
std::optional<double> mean_ttft_s(const Json& summary, const std::vector<const Json*>& points) {
  if (const auto stated = number(summary, "mean_ttft_s")) return stated;
  double sum_s = 0;
  for (const Json* point : points) sum_s += *number(*point, "ttft_s");
  return sum_s / static_cast<double>(points.size());
}

std::optional<double> median_tbt_s(const Json& summary, const std::vector<const Json*>& points) {
  if (const auto stated = number(summary, "median_tbt_s")) return stated;
  std::vector<double> values_s;
  for (const Json* point : points) {
    if (const auto tbt_s = number(*point, "tbt_s")) values_s.push_back(*tbt_s);
  }
  if (values_s.empty()) return std::nullopt;
  std::sort(values_s.begin(), values_s.end());
  const size_t half = values_s.size() / 2;
  return values_s.size() % 2 == 1 ? values_s[half] : (values_s[half - 1] + values_s[half]) / 2;
}

std::string phase_sentence(const Json& point, const char* name) {
  const Json& phase = child(point, name);
  if (text(phase, "bound").empty()) return "";
  std::string sentence = fmt::format("{} is bound by {}", name, bound_text(phase));
  const auto memory = number(phase, "memory_bandwidth_utilisation");
  const auto compute = number(phase, "compute_utilisation");
  if (compute && memory) {
    sentence += fmt::format(" ({} of peak compute, {} of memory bandwidth)", percent_text(compute),
                            percent_text(memory));
  } else if (memory) {
    sentence += fmt::format(" ({} of memory bandwidth)", percent_text(memory));
  }
  return sentence;
}

// Nothing for results from elsewhere that do not know of a driver.
std::string driver_sentence(const Json& point) {
  const auto prefill = number(child(point, "prefill"), "driver_share");
  const auto decode = number(child(point, "decode"), "driver_share");
  if (!prefill && !decode) return "";
  const std::string kind = text(child(child(point, prefill ? "prefill" : "decode"), "driver"), "kind");
  std::string sentence = fmt::format(" The {} driver is at work ", kind);
  if (prefill) sentence += fmt::format("{} of TTFT with the hand-over", percent_text(prefill));
  if (decode) sentence += fmt::format("{}{} of TBT", prefill ? " and " : "", percent_text(decode));
  return sentence + ".";
}

std::string figure_of(const std::string& value, const std::string& what) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escape_html(what), escape_html(value));
}

std::string answer(const Json& run) {
  const auto points = fitting_points(run);
  std::string html = fmt::format("<article class=\"answer\"><h3>{}</h3>", escape_html(text(run, "title")));
  if (is_true(run, "partial")) {
    html += "<p class=\"warning\">Interrupted: the figures cover only what had been run.</p>";
  }
  if (points.empty()) {
    return html + "<p>No point of this run has a result: nothing fits, or nothing was run.</p></article>\n";
  }
  const Json& summary = child(run, "summary");
  const Json& last = *points.back();
  const auto best = std::max_element(points.begin(), points.end(), [](const Json* a, const Json* b) {
    return number(*a, "throughput_tokens_per_s").value_or(0) <
           number(*b, "throughput_tokens_per_s").value_or(0);
  });
  const bool single = points.size() == 1;
  const auto batch_of = [](const Json& point) { return plain_text(number(point, "batch")); };
  html += "<dl class=\"figures\">";
  if (single) {
    html += figure_of(si_text(number(last, "ttft_s"), "s"), "TTFT, batch " + batch_of(last));
    html += figure_of(si_text(number(last, "tbt_s"), "s"), "TBT, batch " + batch_of(last));
  } else {
    const std::string over = fmt::format("batch {} to {}", batch_of(*points.front()), batch_of(last));
    html += figure_of(si_text(mean_ttft_s(summary, points), "s"), "mean TTFT, " + over);
    html += figure_of(si_text(median_tbt_s(summary, points), "s"), "median TBT, " + over);
  }
  html += figure_of(rate_text(number(**best, "throughput_tokens_per_s")),
                    (single ? "decode, batch " : "best decode, at batch ") + batch_of(**best));
  html += "</dl>";
  std::string sentence = phase_sentence(last, "prefill");
  const std::string decode = phase_sentence(last, "decode");
  if (!sentence.empty() && !decode.empty()) sentence += "; ";
  sentence += decode;
  if (!sentence.empty()) {
    html += fmt::format("<p>At batch {}, {}.{}</p>", batch_of(last), escape_html(sentence),
                        escape_html(driver_sentence(last)));
  }
  const auto left_out = list(run, "points").size() - points.size();
  if (left_out > 0)
    html += fmt::format("<p>{} of {} batch sizes do not fit.</p>", left_out, list(run, "points").size());
  return html + "</article>\n";
}

HtmlTable points_table(const ResultSet& set) {
  HtmlTable table("All points",
                  {"run", "batch", "TTFT", "TBT", "throughput", "prefill bound", "memory use, prefill",
                   "driver, prefill", "decode bound", "memory use, decode", "driver, decode"});
  for (const Json& run : set.runs) {
    for (const Json* point : list(run, "points")) {
      const std::string label = text(run, "label");
      const std::string batch = plain_text(number(*point, "batch"));
      if (does_not_fit(*point)) {
        table.add_row({label, batch, "does not fit", "", "", "", "", "", "", "", ""});
        continue;
      }
      const Json& prefill = child(*point, "prefill");
      const Json& decode = child(*point, "decode");
      table.add_row({label, batch, si_text(number(*point, "ttft_s"), "s"),
                     si_text(number(*point, "tbt_s"), "s"),
                     rate_text(number(*point, "throughput_tokens_per_s")), bound_text(prefill),
                     percent_text(number(prefill, "memory_bandwidth_utilisation")),
                     percent_text(number(prefill, "driver_share")), bound_text(decode),
                     percent_text(number(decode, "memory_bandwidth_utilisation")),
                     percent_text(number(decode, "driver_share"))});
    }
  }
  return table;
}

}  // namespace

std::string summary_section(const ResultSet& set) {
  std::string html = "<section id=\"summary\"><h2>Summary</h2>\n";
  constexpr size_t answers_limit = 4;  // of an experiment's many runs, the tables below tell
  if (set.runs.size() <= answers_limit) {
    html += "<div class=\"answers\">";
    for (const Json& run : set.runs) html += answer(run);
    html += "</div>\n";
  } else {
    html += fmt::format("<p>{} runs; see the comparison and the experiment's figures below.</p>\n",
                        set.runs.size());
  }
  const HtmlTable table = points_table(set);
  if (!table.empty()) {
    html += fmt::format("<details class=\"data\"{}><summary>All points</summary>{}</details>\n",
                        set.runs.size() <= answers_limit ? " open" : "", table.html());
  }
  return html + "</section>\n";
}

}  // namespace duet::platform
