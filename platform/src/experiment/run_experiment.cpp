// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/run_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/result_figure.hpp"
#include "duet/platform/experiment/result_table.hpp"
#include "duet/platform/experiment/validation_report.hpp"

namespace duet::platform {

namespace {

namespace fs = std::filesystem;

std::string describe(const ExperimentPoint& point) {
  std::string text;
  for (const auto& [name, value] : point.inputs)
    fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ", name, value);
  return text;
}

std::vector<std::string> list_failures(const std::vector<ExperimentPoint>& points, const PointStore& store) {
  std::vector<std::string> failures;
  for (const ExperimentPoint& point : store.missing(points)) {
    const auto failure = store.load_failure(point);
    failures.push_back(
        fmt::format("{}: {}", describe(point), failure ? failure->value("message", "") : "has not run"));
  }
  return failures;
}

void write_tables(const ExperimentDescription& experiment, const ExperimentOutcome& outcome,
                  const fs::path& folder) {
  for (const TableDescription& description : experiment.tables) {
    try {
      const ResultTable table = make_table(description, outcome.results);
      write_atomically(folder / (description.name + ".md"), table.markdown());
      write_atomically(folder / (description.name + ".csv"), table.csv());
    } catch (const core::UserError&) {
      if (outcome.failures.empty()) throw;
    }
  }
}

void write_figures(const ExperimentDescription& experiment, const ExperimentOutcome& outcome,
                   const fs::path& output) {
  for (const FigureDescription& description : experiment.figures) {
    try {
      const auto series = figure_series(description, outcome.results);
      write_atomically(output / "figures" / (description.name + ".svg"), figure_svg(description, series));
      if (description.pareto) {
        write_atomically(output / "tables" / (description.name + "_front.md"),
                         front_markdown(description, series));
      }
    } catch (const core::UserError&) {
      if (outcome.failures.empty()) throw;
    }
  }
}

/// Rows that differ in nothing but the batch size, as one run each (docs/reference/result-json.md).
nlohmann::ordered_json runs_of(const ExperimentResults& results) {
  std::map<std::string, std::size_t> positions;
  auto runs = nlohmann::ordered_json::array();
  for (const ResultRow& row : results.rows()) {
    if (!row.inputs.contains("batch")) continue;
    std::string label;
    for (const auto& [name, value] : row.inputs) {
      if (name != "batch" && name != "model" && name != "workload")
        label += (label.empty() ? "" : ", ") + value;
    }
    const std::string key =
        label + "\n" + row.text("model").value_or("") + "\n" + row.text("workload").value_or("");
    const auto [position, is_new] = positions.try_emplace(key, runs.size());
    if (is_new) {
      runs.push_back({{"label", label}});
      for (const char* name : {"platform", "model", "workload"}) {
        if (const auto input = row.inputs.find(name); input != row.inputs.end())
          runs.back()[name] = input->second;
      }
      for (const char* name : {"prompt_tokens", "output_tokens", "levels", "reuse_layers", "version"}) {
        if (row.result.contains(name)) runs.back()[name] = row.result.at(name);
      }
      runs.back()["points"] = nlohmann::ordered_json::array();
    }
    nlohmann::ordered_json point = row.result;
    point.erase("prefill");
    point.erase("decode");
    point["batch"] = std::stoull(row.inputs.at("batch"));
    runs[position->second]["points"].push_back(std::move(point));
  }
  return runs;
}

nlohmann::ordered_json front_of(const FigureDescription& description,
                                const std::vector<FigureSeries>& series) {
  std::vector<FigurePoint> all;
  for (const FigureSeries& one : series) all.insert(all.end(), one.points.begin(), one.points.end());
  const std::vector<FigurePoint> front = pareto_front(all);
  nlohmann::ordered_json result{{"title", description.title.empty() ? description.name : description.title},
                                {"x", {{"label", description.x_label}, {"unit", ""}}},
                                {"y", {{"label", description.y_label}, {"unit", ""}}}};
  for (const FigurePoint& point : all) {
    const bool on_front = std::any_of(front.begin(), front.end(),
                                      [&](const FigurePoint& one) { return one.label == point.label; });
    result["points"].push_back({{"label", point.label},
                                {"x", point.x},
                                {"y", point.y},
                                {"on_front", on_front},
                                {"highlight", point.highlighted}});
  }
  return result;
}

nlohmann::ordered_json fronts_of(const ExperimentDescription& experiment, const ExperimentOutcome& outcome) {
  auto fronts = nlohmann::ordered_json::array();
  for (const FigureDescription& description : experiment.figures) {
    if (!description.pareto || !outcome.failures.empty()) continue;
    fronts.push_back(front_of(description, figure_series(description, outcome.results)));
  }
  return fronts;
}

/// The cells that have points, in SI units (docs/reference/result-json.md).
nlohmann::ordered_json published_rows(const PublishedDescription& published,
                                      const ExperimentResults& results) {
  auto rows = nlohmann::ordered_json::array();
  for (const ComparedFigure& figure : compare_absolutes(published, results)) {
    if (!figure.measured) continue;
    const bool is_time = figure.metric.ends_with("_s") && !figure.metric.ends_with("_per_s");
    rows.push_back({{"metric", figure.metric},
                    {"model", figure.model},
                    {"workload", figure.workload},
                    {"system", figure.platform},
                    {"measured", *figure.measured},
                    {"published", figure.published},
                    {"unit", is_time ? "s" : ""}});
  }
  return rows;
}

}  // namespace

std::size_t rows_to_lose(const std::vector<ExperimentPoint>& points, const PointStore& store) {
  std::set<std::map<std::string, std::string>> collected;
  try {
    const ExperimentResults results = load_results(store.folder() / "results.json");
    for (const ResultRow& row : results.rows()) collected.insert(row.inputs);
  } catch (const core::UserError&) {
    return 0;  // none yet, or nothing that could be read again
  }
  return static_cast<std::size_t>(std::ranges::count_if(points, [&](const ExperimentPoint& point) {
    return collected.contains(point.inputs) && !store.has_run(point);
  }));
}

ExperimentOutcome collect_results(const ExperimentDescription& experiment,
                                  const std::vector<ExperimentPoint>& points, const PointStore& store,
                                  const std::string& version, const PublishedDescription* published) {
  ExperimentOutcome outcome;
  outcome.results = ExperimentResults(points, store);
  outcome.points = points.size();
  outcome.failures = list_failures(points, store);
  nlohmann::ordered_json document;
  document["kind"] = "experiment";
  document["title"] = experiment.description.empty() ? experiment.name : experiment.description;
  document["experiment"] = experiment.name;
  document["version"] = version;
  document["runs"] = runs_of(outcome.results);
  document["pareto"] = fronts_of(experiment, outcome);
  if (published != nullptr) document["published"] = published_rows(*published, outcome.results);
  document["rows"] = outcome.results.json();
  write_atomically(store.folder() / "results.json", document.dump(1) + "\n");
  write_atomically(store.folder() / "results.csv", outcome.results.csv());
  fs::create_directories(store.folder() / "tables");
  fs::create_directories(store.folder() / "figures");
  write_tables(experiment, outcome, store.folder() / "tables");
  write_figures(experiment, outcome, store.folder());
  return outcome;
}

}  // namespace duet::platform
