// SPDX-License-Identifier: Apache-2.0
#include "validation_sections.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "duet/platform/experiment/physics_check.hpp"
#include "duet/platform/experiment/result_table.hpp"

namespace duet::platform {

namespace {

/// Two columns of text, then one a figure.
std::string heading(const std::string& first, const std::string& second,
                    const std::vector<std::string>& figures) {
  std::string rule = "|---|---|";
  for (std::size_t i = 0; i < figures.size(); ++i) rule += "---:|";
  return fmt::format("| {} | {} | {} |\n{}\n", first, second, fmt::join(figures, " | "), rule);
}

using Cell = std::array<std::string, 3>;

/// Platform, model and workload of a point.
Cell cell_of(const ResultRow& row) {
  return {row.text("platform").value_or(""), row.text("model").value_or(""),
          row.text("workload").value_or("")};
}

/// `table` with the platforms, models and workloads of `other` taken from there.
ExperimentResults with_cells(const ExperimentResults& table, const ExperimentResults& other) {
  std::set<Cell> taken;
  for (const ResultRow& row : other.rows()) taken.insert(cell_of(row));
  ExperimentResults mixed = other;
  for (const ResultRow& row : table.rows()) {
    if (!taken.contains(cell_of(row))) mixed.add(row);
  }
  return mixed;
}

std::set<std::string> platforms_of(const ExperimentResults& results) {
  std::set<std::string> platforms;
  for (const ResultRow& row : results.rows()) {
    if (const auto platform = row.text("platform")) platforms.insert(*platform);
  }
  return platforms;
}

std::vector<std::string> cells_of(const PublishedDescription& published, const std::string& metric) {
  std::vector<std::string> cells;
  for (const PublishedCell& cell : published.cells) {
    if (cell.metric == metric) cells.push_back(cell.model + " " + cell.workload);
  }
  return cells;
}

/// Errors of one platform's figures in the order of the published cells; empty when nothing has run.
std::string error_row(const std::vector<ComparedFigure>& figures, const std::string& metric,
                      const std::string& platform, const std::string& variant) {
  std::string row;
  bool any = false;
  for (const ComparedFigure& figure : figures) {
    if (figure.metric != metric || figure.platform != platform) continue;
    any = any || figure.error();
    row += fmt::format(" {} |", figure.error() ? signed_percent(*figure.error()) : "-");
  }
  return any ? fmt::format("| {} | {} |{}\n", platform, variant, row) : std::string();
}

using Series = std::map<double, double>;  // batch -> figure

Series series_of(const ExperimentResults& table, const std::string& metric, const std::string& platform,
                 const std::string& model, const std::string& workload) {
  Series series;
  for (const ResultRow& row : table.rows()) {
    if (!row.matches({{"platform", platform}, {"model", model}, {"workload", workload}})) continue;
    const auto batch = row.number("batch");
    const auto value = row.number(metric);
    if (batch && value) series[*batch] = *value;
  }
  return series;
}

}  // namespace

std::string signed_percent(double share) {
  return fmt::format("{:+.1f} %", 100 * share);
}

std::vector<std::string> variants_of(const ExperimentResults& results) {
  std::vector<std::string> variants;
  for (const ResultRow& row : results.rows()) {
    const auto variant = row.text("variant");
    if (variant && std::find(variants.begin(), variants.end(), *variant) == variants.end())
      variants.push_back(*variant);
  }
  return variants;
}

ExperimentResults only_variant(const ExperimentResults& results, const std::string& variant) {
  ExperimentResults chosen;
  for (const ResultRow& row : results.rows()) {
    if (row.text("variant") != variant) continue;
    ResultRow copy = row;
    copy.inputs.erase("variant");
    chosen.add(std::move(copy));
  }
  return chosen;
}

std::string readings_section(const PublishedDescription& published, const ExperimentResults& table,
                             const std::vector<ExperimentResults>& readings) {
  const std::string title =
      "## Other readings\n\nErrors of the ratios to " + published.base +
      " (of the absolute figures in the rows of " + published.base +
      ") when a description is read otherwise; `base` is the shipped reading. Averages are over "
      "the batch sizes that the reading has run.\n";
  std::string text;
  for (const MetricDescription& metric : published.metrics) {
    std::string rows;
    for (const ExperimentResults& reading : readings) {
      for (const std::string& variant : variants_of(reading)) {
        const ExperimentResults read = only_variant(reading, variant);
        const ExperimentResults all = with_cells(table, read);
        for (const std::string& platform : platforms_of(read)) {
          const bool is_base = platform == published.base;
          rows += error_row(is_base ? compare_absolutes(published, all) : compare_ratios(published, all),
                            metric.name, platform, variant);
        }
      }
    }
    if (!rows.empty())
      text += "\n### " + metric.title + "\n\n" +
              heading("system", "reading", cells_of(published, metric.name)) + rows;
  }
  return text.empty() ? text : title + text + "\n";
}

std::string batches_section(const PublishedDescription& published, const ExperimentResults& table) {
  std::string text = "## Ratios to " + published.base +
                     " by batch size\n\nAll models and workloads, also those without a published figure.\n";
  std::set<std::pair<std::string, std::string>> cells;
  std::set<double> batches;
  for (const ResultRow& row : table.rows()) {
    cells.emplace(row.text("model").value_or("-"), row.text("workload").value_or("-"));
    if (const auto batch = row.number("batch")) batches.insert(*batch);
  }
  for (const MetricDescription& metric : published.metrics) {
    std::string rows;
    for (const auto& [model, workload] : cells) {
      const Series base = series_of(table, metric.name, published.base, model, workload);
      for (const std::string& platform : platforms_of(table)) {
        if (platform == published.base) continue;
        const Series series = series_of(table, metric.name, platform, model, workload);
        std::string row;
        for (const double batch : batches) {
          const bool both = base.contains(batch) && series.contains(batch);
          row += both ? " " + format_cell(series.at(batch) / base.at(batch)) + " |" : std::string(" - |");
        }
        if (!series.empty()) rows += fmt::format("| {} {} | {} |{}\n", model, workload, platform, row);
      }
    }
    if (rows.empty()) continue;
    std::vector<std::string> columns;
    columns.reserve(batches.size());
    for (const double batch : batches) columns.push_back(fmt::format("{}", batch));
    text += "\n### " + metric.title + "\n\n" + heading("cell", "system", columns) + rows;
  }
  return text;
}

std::string physics_section(const ExperimentResults& table) {
  std::string text = "## Physics of every point\n\n| law | checked on | broken by |\n|---|---:|---|\n";
  for (const PhysicsLaw& law : check_physics(table)) {
    text += fmt::format(
        "| {} | {} | {} |\n", law.text, law.checked,
        law.breaks.empty() ? std::string("none") : fmt::format("{}", fmt::join(law.breaks, "; ")));
  }
  return text;
}

}  // namespace duet::platform
