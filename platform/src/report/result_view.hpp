// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duet/platform/report/report.hpp"

namespace duet::platform {

using Json = nlohmann::ordered_json;

/// The value of a key, or null when the key is absent or `object` is none.
const Json& child(const Json& object, std::string_view key);
/// A number; nothing when absent, null or of another type.
std::optional<double> number(const Json& object, std::string_view key);
/// A string; empty when absent or of another type.
std::string text(const Json& object, std::string_view key);
/// True only for a key that is literally true.
bool is_true(const Json& object, std::string_view key);
/// The elements of a list; none when absent or of another type.
std::vector<const Json*> list(const Json& object, std::string_view key);

/// All results of a page on one level: the runs of an experiment stand beside single runs.
struct ResultSet {
  Json runs = Json::array();       ///< each with a unique "label" and a "title"
  Json published = Json::array();  ///< rows of measured against published values
  Json pareto = Json::array();
  bool is_experiment = false;
  std::string title;
};

/// Throws UserError for an input that is neither a run nor an experiment.
ResultSet collect_results(const std::vector<ReportInput>& inputs);

/// True if a point did not fit in memory.
bool does_not_fit(const Json& point);
/// True if the point has a block that a detail figure can be drawn from.
bool has_details(const Json& point);
/// The resource that binds a phase or layer kind, or a dash.
std::string bound_text(const Json& phase);

}  // namespace duet::platform
