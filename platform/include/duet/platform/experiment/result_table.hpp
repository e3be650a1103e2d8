// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "duet/platform/experiment/experiment_description.hpp"
#include "duet/platform/experiment/experiment_results.hpp"

namespace duet::platform {

/// A pivot of results. Cells without a point are empty.
struct ResultTable {
  std::string title;
  std::string unit;
  std::string row_heading;
  std::vector<std::string> columns;
  std::vector<std::string> rows;
  std::vector<std::vector<std::optional<double>>> cells;  ///< [row][column]
  std::vector<std::string> notes;                         ///< points left out, and why

  [[nodiscard]] std::string markdown() const;
  [[nodiscard]] std::string csv() const;
};

/// Throws core::UserError when no point has the value, or relative_to is no row.
ResultTable make_table(const TableDescription& description, const ExperimentResults& results);

/// One number of many; empty for none. The geometric mean needs positive values, others are left out.
std::optional<double> reduce(std::vector<double> values, Reduction reduction);

/// Four significant digits without an exponent where that reads well.
std::string format_cell(double value);

}  // namespace duet::platform
