// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/result_table.hpp"
#include "duet/platform/experiment/validation_report.hpp"

namespace duet::platform {

namespace {

const MetricDescription& metric_of(const PublishedDescription& published, const std::string& name) {
  for (const MetricDescription& metric : published.metrics) {
    if (metric.name == name) return metric;
  }
  throw core::UserError("published: cells: metric '" + name + "' is not among the metrics");
}

/// A table of platforms by "model workload"; empty when nothing of it has run.
ResultTable table_of(const PublishedDescription& published, const ExperimentResults& results,
                     const std::string& metric, bool relative) {
  TableDescription description;
  description.name = metric;
  description.value = metric;
  description.reduction = metric_of(published, metric).reduction;
  if (relative) description.relative_to = published.base;
  try {
    return make_table(description, results);
  } catch (const core::UserError&) {
    return {};
  }
}

std::optional<double> cell_of(const ResultTable& table, const std::string& row, const std::string& column) {
  const auto at_row = std::find(table.rows.begin(), table.rows.end(), row);
  const auto at_column = std::find(table.columns.begin(), table.columns.end(), column);
  if (at_row == table.rows.end() || at_column == table.columns.end()) return std::nullopt;
  return table.cells[static_cast<std::size_t>(at_row - table.rows.begin())]
                    [static_cast<std::size_t>(at_column - table.columns.begin())];
}

}  // namespace

std::vector<ComparedFigure> compare_absolutes(const PublishedDescription& published,
                                              const ExperimentResults& results) {
  std::vector<ComparedFigure> compared;
  for (const PublishedCell& cell : published.cells) {
    const ResultTable table = table_of(published, results, cell.metric, false);
    for (const auto& [platform, value] : cell.values) {
      compared.push_back({cell.metric, cell.model, cell.workload, platform, value * cell.scale,
                          cell_of(table, platform, cell.model + " " + cell.workload)});
    }
  }
  return compared;
}

std::vector<ComparedFigure> compare_ratios(const PublishedDescription& published,
                                           const ExperimentResults& results) {
  std::vector<ComparedFigure> compared;
  for (const PublishedCell& cell : published.cells) {
    const auto base = cell.values.find(published.base);
    if (base == cell.values.end()) continue;
    const ResultTable table = table_of(published, results, cell.metric, true);
    for (const auto& [platform, value] : cell.values) {
      if (platform == published.base) continue;
      compared.push_back({cell.metric, cell.model, cell.workload, platform, value / base->second,
                          cell_of(table, platform, cell.model + " " + cell.workload)});
    }
  }
  return compared;
}

std::vector<ComparedFigure> compare_geometric_means(const PublishedDescription& published,
                                                    const ExperimentResults& results) {
  std::vector<ComparedFigure> compared;
  for (const PublishedCell& cell : published.geometric_means) {
    const ResultTable table = table_of(published, results, cell.metric, true);
    for (const auto& [platform, value] : cell.values) {
      if (platform == published.base) continue;
      std::vector<double> ratios;
      for (const std::string& column : table.columns) {
        if (const auto ratio = cell_of(table, platform, column)) ratios.push_back(*ratio);
      }
      compared.push_back({cell.metric, "", "", platform, value, reduce(ratios, Reduction::geometric_mean)});
    }
  }
  return compared;
}

}  // namespace duet::platform
