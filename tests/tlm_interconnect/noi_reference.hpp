// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace duet::test {

/// Rows of a CSV file under tests/reference/noi as column name to text.
inline std::vector<std::map<std::string, std::string>> reference_rows(const std::string& file) {
  std::ifstream in(std::filesystem::path(DUET_SOURCE_DIR) / "tests/reference/noi" / file);
  auto split = [](std::string line) {
    std::vector<std::string> fields;
    if (line.ends_with('\r')) line.pop_back();
    std::stringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
    return fields;
  };
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = split(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = split(line);
    std::map<std::string, std::string> row;
    for (size_t i = 0; i < fields.size(); ++i) row[names[i]] = fields[i];
    rows.push_back(row);
  }
  return rows;
}

/// Latency by load of a BookSim curve, stable points only, seeds averaged.
inline std::map<double, double> booksim_curve(const std::string& name) {
  std::map<double, std::pair<double, int>> sums;
  for (const auto& row : reference_rows(fmt::format("booksim_{}.csv", name))) {
    if (row.at("stable") != "1") continue;
    auto& [sum, count] = sums[std::stod(row.at("offered_flits_per_node_cycle"))];
    sum += std::stod(row.at("pkt_latency_avg_cycles"));
    ++count;
  }
  std::map<double, double> curve;
  for (const auto& [load, sum] : sums) curve[load] = sum.first / sum.second;
  return curve;
}

/// Load at which a curve rises through a latency. Between points the reciprocal is taken as linear, because
/// latency goes like 1 / (saturation - load) there.
inline double load_at(const std::map<double, double>& curve, double latency) {
  for (auto next = std::next(curve.begin()); next != curve.end(); ++next) {
    const auto before = std::prev(next);
    if (next->second < latency) continue;
    const double part = (1 / before->second - 1 / latency) / (1 / before->second - 1 / next->second);
    return before->first + (next->first - before->first) * part;
  }
  return curve.rbegin()->first;
}

}  // namespace duet::test
