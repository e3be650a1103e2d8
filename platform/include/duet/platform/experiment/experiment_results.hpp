// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "duet/platform/experiment/point_store.hpp"

namespace duet::platform {

/// One finished point: what went in and what came out.
struct ResultRow {
  std::map<std::string, std::string> inputs;
  nlohmann::json result;

  /// An input, or a figure by its path ("prefill.time_s"), as text; nothing when it has none.
  [[nodiscard]] std::optional<std::string> text(const std::string& path) const;
  /// The same as a number; nothing when it is none, or when the point did not fit the memory.
  [[nodiscard]] std::optional<double> number(const std::string& path) const;
  [[nodiscard]] bool fits() const;
  [[nodiscard]] bool matches(const std::map<std::string, std::string>& where) const;
};

/// The results of an experiment in the order of its points. What depends on the machine that ran it
/// (wall times, events per second) is left out, so that equal inputs give equal files.
class ExperimentResults {
 public:
  ExperimentResults() = default;
  ExperimentResults(const std::vector<ExperimentPoint>& points, const PointStore& store);
  explicit ExperimentResults(const nlohmann::json& rows);

  [[nodiscard]] const std::vector<ResultRow>& rows() const { return rows_; }
  void add(ResultRow row) { rows_.push_back(std::move(row)); }

  /// One object a row: inputs and result.
  [[nodiscard]] nlohmann::ordered_json json() const;
  /// One line a row, one column an input or a figure (nested ones by path, lists left out).
  [[nodiscard]] std::string csv() const;

 private:
  std::vector<ResultRow> rows_;
};

/// Reads a results.json. Throws core::UserError.
ExperimentResults load_results(const std::filesystem::path& file);

/// A CSV field, in quotes where needed.
std::string csv_field(const std::string& text);

}  // namespace duet::platform
