// SPDX-License-Identifier: Apache-2.0
#include "result_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "duet/core/error.hpp"

namespace duet::platform {
namespace {

constexpr std::string_view allowed = "a result of 'duet-vp run --json' or 'duet-vp experiment'";

// The platform, with model and workload where the runs of a page differ in them.
std::string label_of(const Json& run, const std::string& input_name, bool several_models,
                     bool several_workloads) {
  std::string label = text(run, "label");
  if (label.empty()) label = text(run, "platform");
  if (label.empty()) label = input_name;
  if (several_models && !text(run, "model").empty()) label += ", " + text(run, "model");
  if (several_workloads && !text(run, "workload").empty()) label += ", " + text(run, "workload");
  return label;
}

bool differ(const Json& runs, std::string_view key) {
  std::set<std::string> values;
  for (const Json& run : runs) values.insert(text(run, key));
  return values.size() > 1;
}

void name_runs(Json& runs, const std::vector<std::string>& input_names) {
  const bool several_models = differ(runs, "model");
  const bool several_workloads = differ(runs, "workload");
  std::set<std::string> labels;
  for (size_t r = 0; r < runs.size(); ++r) {
    Json& run = runs[r];
    const std::string label = label_of(run, input_names[r], several_models, several_workloads);
    std::string number;
    for (int i = 2; !labels.insert(label + number).second; ++i) number = fmt::format(" ({})", i);
    std::string title = label_of(run, input_names[r], false, false) + number;
    if (!text(run, "model").empty()) title = fmt::format("{} on {}", text(run, "model"), title);
    if (!text(run, "workload").empty()) title += ", " + text(run, "workload");
    run["label"] = label + number;
    if (text(run, "title").empty()) run["title"] = title;
  }
}

}  // namespace

const Json& child(const Json& object, std::string_view key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(std::string(key));
  return found == object.end() ? nothing : *found;
}

std::optional<double> number(const Json& object, std::string_view key) {
  const Json& value = child(object, key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::string text(const Json& object, std::string_view key) {
  const Json& value = child(object, key);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

bool is_true(const Json& object, std::string_view key) {
  const Json& value = child(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::vector<const Json*> list(const Json& object, std::string_view key) {
  std::vector<const Json*> elements;
  const Json& value = child(object, key);
  if (value.is_array()) {
    for (const Json& element : value) elements.push_back(&element);
  }
  return elements;
}

bool does_not_fit(const Json& point) {
  const Json& fits = child(point, "fits");
  return fits.is_boolean() && !fits.get<bool>();
}

bool has_details(const Json& point) {
  for (const char* phase : {"prefill", "decode"}) {
    for (const char* block : {"layer_kinds", "floorplan", "timeline", "utilisation_over_time", "energy"}) {
      if (!child(child(point, phase), block).empty()) return true;
    }
  }
  return false;
}

std::string bound_text(const Json& phase) {
  const std::string bound = text(phase, "bound");
  return bound.empty() ? "–" : bound;
}

ReportInput read_report_input(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw core::UserError(fmt::format("{}: found no such file, allowed {}", path, allowed));
  ReportInput input;
  input.name = path.substr(path.find_last_of('/') + 1);
  if (input.name.ends_with(".json")) input.name.resize(input.name.size() - 5);
  try {
    input.result = Json::parse(in);
  } catch (const Json::exception& error) {
    throw core::UserError(fmt::format("{}: found no JSON ({}), allowed {}", path, error.what(), allowed));
  }
  return input;
}

ResultSet collect_results(const std::vector<ReportInput>& inputs) {
  ResultSet set;
  std::vector<std::string> names;
  for (const ReportInput& input : inputs) {
    const Json& result = input.result;
    if (text(result, "kind") == "experiment" && child(result, "runs").is_array()) {
      set.is_experiment = true;
      if (set.title.empty()) set.title = text(result, "title");
      for (const Json* run : list(result, "runs")) set.runs.push_back(*run);
      for (const Json* row : list(result, "published")) set.published.push_back(*row);
      for (const Json* front : list(result, "pareto")) set.pareto.push_back(*front);
    } else if (child(result, "points").is_array()) {
      set.runs.push_back(result);
    } else {
      throw core::UserError(
          fmt::format("{}: found neither 'points' nor 'runs', allowed {}", input.name, allowed));
    }
    names.resize(set.runs.size(), input.name);
  }
  name_runs(set.runs, names);
  if (set.runs.empty() && set.pareto.empty() && set.published.empty()) {
    throw core::UserError(fmt::format("found a result without runs, allowed {}", allowed));
  }
  if (set.title.empty()) {
    set.title = set.runs.size() == 1 ? text(set.runs[0], "title")
                                     : fmt::format("Comparison of {} runs", set.runs.size());
  }
  return set;
}

}  // namespace duet::platform
