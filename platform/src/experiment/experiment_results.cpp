// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/experiment_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "duet/core/error.hpp"

namespace duet::platform {

namespace {

using nlohmann::json;

bool depends_on_machine(const std::string& key) {
  return key.starts_with("wall_") || key == "events_per_second" || key == "host";
}

json without_machine(const json& value) {
  if (value.is_array()) {
    json kept = json::array();
    for (const json& item : value) kept.push_back(without_machine(item));
    return kept;
  }
  if (!value.is_object()) return value;
  json kept = json::object();
  for (const auto& [key, item] : value.items()) {
    if (!depends_on_machine(key)) kept[key] = without_machine(item);
  }
  return kept;
}

const json* find(const json& result, const std::string& path) {
  const json* at = &result;
  std::size_t start = 0;
  while (at->is_object()) {
    if (const auto whole = at->find(path.substr(start)); whole != at->end()) return &*whole;
    const auto dot = path.find('.', start);
    if (dot == std::string::npos) return nullptr;
    const auto child = at->find(path.substr(start, dot - start));
    if (child == at->end()) return nullptr;
    at = &*child;
    start = dot + 1;
  }
  return nullptr;
}

std::string scalar_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void flatten(const json& value, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& fields) {
  if (value.is_object()) {
    for (const auto& [key, item] : value.items())
      flatten(item, path.empty() ? key : path + "." + key, fields);
  } else if (!value.is_array() && !value.is_null()) {
    fields.emplace_back(path, scalar_text(value));
  }
}

}  // namespace

bool ResultRow::fits() const {
  const json* fits = find(result, "fits");
  return fits == nullptr || !fits->is_boolean() || fits->get<bool>();
}

std::optional<std::string> ResultRow::text(const std::string& path) const {
  if (const auto input = inputs.find(path); input != inputs.end()) return input->second;
  const json* value = find(result, path);
  if (value == nullptr || value->is_structured() || value->is_null()) return std::nullopt;
  return scalar_text(*value);
}

std::optional<double> ResultRow::number(const std::string& path) const {
  if (const json* value = find(result, path); value != nullptr && value->is_number()) {
    if (!fits()) return std::nullopt;
    return value->get<double>();
  }
  const auto input = inputs.find(path);
  if (input == inputs.end()) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(input->second.c_str(), &end);
  if (input->second.empty() || *end != '\0') return std::nullopt;
  return value;
}

bool ResultRow::matches(const std::map<std::string, std::string>& where) const {
  return std::all_of(where.begin(), where.end(),
                     [&](const auto& condition) { return text(condition.first) == condition.second; });
}

ExperimentResults::ExperimentResults(const std::vector<ExperimentPoint>& points, const PointStore& store) {
  for (const ExperimentPoint& point : points) {
    if (const auto record = store.load(point))
      rows_.push_back({point.inputs, without_machine(record->at("result"))});
  }
}

ExperimentResults::ExperimentResults(const nlohmann::json& rows) {
  for (const nlohmann::json& row : rows) {
    rows_.push_back({row.at("inputs").get<std::map<std::string, std::string>>(), row.at("result")});
  }
}

nlohmann::ordered_json ExperimentResults::json() const {
  auto rows = nlohmann::ordered_json::array();
  for (const ResultRow& row : rows_) rows.push_back({{"inputs", row.inputs}, {"result", row.result}});
  return rows;
}

std::string ExperimentResults::csv() const {
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> lines;
  for (const ResultRow& row : rows_) {
    std::vector<std::pair<std::string, std::string>> fields(row.inputs.begin(), row.inputs.end());
    flatten(row.result, "", fields);
    std::map<std::string, std::string> line;
    for (const auto& [name, value] : fields) {
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
      line.try_emplace(name, value);
    }
    lines.push_back(std::move(line));
  }
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i > 0 ? "," : "") + csv_field(columns[i]);
  text += "\n";
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto field = line.find(columns[i]);
      text += (i > 0 ? "," : "") + (field == line.end() ? std::string() : csv_field(field->second));
    }
    text += "\n";
  }
  return text;
}

ExperimentResults load_results(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw core::UserError(fmt::format("{}: cannot be read", file.string()));
  const json document = json::parse(stream, nullptr, false);
  if (!document.is_object() || !document.contains("rows")) {
    throw core::UserError(
        fmt::format("{}: found no results, allowed the results.json of an experiment", file.string()));
  }
  try {
    return ExperimentResults(document.at("rows"));
  } catch (const json::exception& error) {
    throw core::UserError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace duet::platform
