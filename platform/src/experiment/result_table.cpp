// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/result_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "duet/core/error.hpp"

namespace duet::platform {

namespace {

/// Values of a cell by the inputs that are neither row nor column, so that rows can be compared over
/// the points that both have.
using Cell = std::map<std::string, double>;

std::string column_of(const ResultRow& row, const TableDescription& description) {
  std::string name;
  for (const std::string& input : description.columns) {
    name += (name.empty() ? "" : " ") + row.text(input).value_or("-");
  }
  return name.empty() ? description.value : name;
}

std::string rest_of(const ResultRow& row, const TableDescription& description) {
  std::string rest;
  for (const auto& [name, value] : row.inputs) {
    const auto& columns = description.columns;
    if (name == description.rows || std::find(columns.begin(), columns.end(), name) != columns.end())
      continue;
    rest += name + "=" + value + ";";
  }
  return rest;
}

std::size_t index_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

std::optional<double> cell_value(const Cell& cell, const Cell* base, const TableDescription& description) {
  std::vector<double> values, base_values;
  for (const auto& [rest, value] : cell) {
    if (base != nullptr) {
      const auto other = base->find(rest);
      if (other == base->end()) continue;
      base_values.push_back(other->second);
    }
    values.push_back(value);
  }
  const auto reduced = reduce(values, description.reduction);
  if (!reduced) return std::nullopt;
  if (base == nullptr) return *reduced * description.scale;
  const double below = *reduce(base_values, description.reduction);
  if (below == 0) return std::nullopt;
  return *reduced / below;
}

void add_geometric_means(ResultTable& table) {
  table.columns.emplace_back("geometric mean");
  for (auto& row : table.cells) {
    std::vector<double> values;
    for (const auto& value : row) {
      if (value) values.push_back(*value);
    }
    row.push_back(reduce(values, Reduction::geometric_mean));
  }
}

}  // namespace

std::optional<double> reduce(std::vector<double> values, Reduction reduction) {
  if (reduction == Reduction::geometric_mean) std::erase_if(values, [](double value) { return value <= 0; });
  if (values.empty()) return std::nullopt;
  const auto count = static_cast<double>(values.size());
  switch (reduction) {
    case Reduction::mean:
      return std::accumulate(values.begin(), values.end(), 0.0) / count;
    case Reduction::minimum:
      return *std::min_element(values.begin(), values.end());
    case Reduction::maximum:
      return *std::max_element(values.begin(), values.end());
    case Reduction::geometric_mean: {
      double sum = 0;
      for (const double value : values) sum += std::log(value);
      return std::exp(sum / count);
    }
    case Reduction::median:
      break;
  }
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string format_cell(double value) {
  if (value == 0) return "0";
  const double magnitude = std::abs(value);
  if (magnitude >= 1e6 || magnitude < 1e-3) return fmt::format("{:.3e}", value);
  const int digits = std::max(0, 3 - static_cast<int>(std::floor(std::log10(magnitude))));
  return fmt::format("{:.{}f}", value, digits);
}

ResultTable make_table(const TableDescription& description, const ExperimentResults& results) {
  ResultTable table;
  table.title = description.title.empty() ? description.name : description.title;
  table.unit = description.relative_to.empty() ? description.unit : "relative to " + description.relative_to;
  table.row_heading = description.rows;
  std::map<std::pair<std::size_t, std::size_t>, Cell> cells;
  std::set<std::string> left_out;
  for (const ResultRow& row : results.rows()) {
    if (!row.matches(description.where)) continue;
    const std::string row_name = row.text(description.rows).value_or("-");
    if (!row.fits()) {
      left_out.insert(fmt::format("{} {}{} does not fit", row_name, column_of(row, description),
                                  row.inputs.contains("batch") ? " batch " + row.inputs.at("batch") : ""));
    }
    const auto value = row.number(description.value);
    if (!value) continue;
    const std::pair at{index_of(table.rows, row_name), index_of(table.columns, column_of(row, description))};
    cells[at].emplace(rest_of(row, description), *value);
  }
  if (cells.empty()) {
    throw core::UserError(
        fmt::format("table {}: no point has a number '{}'", description.name, description.value));
  }
  std::optional<std::size_t> base_row;
  if (!description.relative_to.empty()) {
    const auto found = std::find(table.rows.begin(), table.rows.end(), description.relative_to);
    if (found == table.rows.end()) {
      throw core::UserError(fmt::format("table {}: relative_to: found '{}', allowed: {}", description.name,
                                        description.relative_to, fmt::join(table.rows, ", ")));
    }
    base_row = static_cast<std::size_t>(found - table.rows.begin());
  }
  table.cells.assign(table.rows.size(), std::vector<std::optional<double>>(table.columns.size()));
  for (const auto& [at, cell] : cells) {
    const Cell* base = nullptr;
    if (base_row) {
      const auto found = cells.find({*base_row, at.second});
      if (found == cells.end()) continue;
      base = &found->second;
    }
    table.cells[at.first][at.second] = cell_value(cell, base, description);
  }
  table.notes.assign(left_out.begin(), left_out.end());
  if (description.geometric_mean) add_geometric_means(table);
  return table;
}

std::string ResultTable::markdown() const {
  std::string text =
      fmt::format("### {}{}\n\n| {} |", title, unit.empty() ? "" : " (" + unit + ")", row_heading);
  for (const std::string& column : columns) text += " " + column + " |";
  text += "\n|---|";
  for (std::size_t i = 0; i < columns.size(); ++i) text += "---:|";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += "\n| " + rows[i] + " |";
    for (const auto& value : cells[i]) text += " " + (value ? format_cell(*value) : std::string("-")) + " |";
  }
  text += "\n";
  if (!notes.empty()) text += fmt::format("\nLeft out: {}.\n", fmt::join(notes, "; "));
  return text;
}

std::string ResultTable::csv() const {
  std::string text = csv_field(row_heading);
  for (const std::string& column : columns) text += "," + csv_field(column);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += "\n" + csv_field(rows[i]);
    for (const auto& value : cells[i]) text += "," + (value ? fmt::format("{}", *value) : std::string());
  }
  return text + "\n";
}

}  // namespace duet::platform
