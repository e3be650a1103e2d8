// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/run_experiment.hpp"

#include <fmt/format.h>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/result_figure.hpp"
#include "duet/platform/experiment/result_table.hpp"

namespace duet::platform {

namespace {

namespace fs = std::filesystem;

std::string describe(const ExperimentPoint& point) {
  std::string text;
  for (const auto& [name, value] : point.inputs) text += (text.empty() ? "" : ", ") + name + " " + value;
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

}  // namespace

ExperimentOutcome collect_results(const ExperimentDescription& experiment,
                                  const std::vector<ExperimentPoint>& points, const PointStore& store,
                                  const std::string& version) {
  ExperimentOutcome outcome;
  outcome.results = ExperimentResults(points, store);
  outcome.points = points.size();
  outcome.failures = list_failures(points, store);
  nlohmann::ordered_json document;
  document["experiment"] = experiment.name;
  document["version"] = version;
  document["points"] = points.size();
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
