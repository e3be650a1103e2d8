// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/physics_check.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>

namespace duet::platform {

namespace {

constexpr double rounding = 1e-6;       // of figures that are written with limited digits
constexpr double growth_margin = 0.01;  // another mapping for another batch may be this much better

std::string point_name(const ResultRow& row) {
  std::string text;
  for (const char* input : {"platform", "model", "workload"}) text += row.text(input).value_or("-") + " ";
  return text + "batch " + row.text("batch").value_or("-");
}

struct PhaseLaw {
  std::string text;
  std::vector<const char*> figures;  ///< of a phase
  std::function<bool(const std::vector<double>&)> holds;
};

const std::array<PhaseLaw, 5>& phase_laws() {
  static const std::array<PhaseLaw, 5> laws{{
      {"no phase beats its roofline of compute and memory",
       {"time_s", "roofline_s"},
       [](const auto& v) { return v[0] >= v[1] * (1 - rounding); }},
      {"arrays compute no more than their peak",
       {"compute_utilisation"},
       [](const auto& v) { return v[0] <= 1 + rounding; }},
      {"memory and links carry no more than their peak",
       {"memory_bandwidth_utilisation", "utilisation.links_max", "utilisation.memory"},
       [](const auto& v) { return v[0] <= 1 + rounding && v[1] <= 1 + 1e-3 && v[2] <= 1 + 1e-3; }},
      {"caches have arrived no earlier than the phase ends",
       {"completion_s", "time_s"},
       [](const auto& v) { return v[0] >= v[1] * (1 - rounding); }},
      {"energy is positive, and power is energy over time",
       {"energy.total_j", "energy.average_power_w", "completion_s"},
       [](const auto& v) { return v[0] > 0 && v[1] * v[2] >= v[0] * 0.9 && v[1] * v[2] <= v[0] * 1.1; }},
  }};
  return laws;
}

PhysicsLaw check(const PhaseLaw& law, const ExperimentResults& results) {
  PhysicsLaw result{law.text, 0, {}};
  for (const ResultRow& row : results.rows()) {
    for (const std::string phase : {"prefill", "decode"}) {
      std::vector<double> values;
      for (const char* figure : law.figures) {
        if (const auto value = row.number(phase + "." + figure)) values.push_back(*value);
      }
      if (values.size() != law.figures.size()) continue;
      ++result.checked;
      if (!law.holds(values)) result.breaks.push_back(fmt::format("{}, {}", point_name(row), phase));
    }
  }
  return result;
}

PhysicsLaw check_growth(const std::string& figure, const std::string& text,
                        const ExperimentResults& results) {
  PhysicsLaw result{text, 0, {}};
  std::map<std::string, std::map<double, const ResultRow*>> series;
  for (const ResultRow& row : results.rows()) {
    const auto batch = row.number("batch");
    if (!batch || !row.number(figure)) continue;
    auto inputs = row.inputs;
    inputs.erase("batch");
    std::string key;
    for (const auto& [name, value] : inputs) key += fmt::format("{}={} ", name, value);
    series[key][*batch] = &row;
  }
  for (const auto& [key, points] : series) {
    const ResultRow* before = nullptr;
    for (const auto& [batch, row] : points) {
      if (before != nullptr) {
        ++result.checked;
        if (*row->number(figure) < *before->number(figure) * (1 - growth_margin))
          result.breaks.push_back(point_name(*row));
      }
      before = row;
    }
  }
  return result;
}

}  // namespace

std::vector<PhysicsLaw> check_physics(const ExperimentResults& results) {
  std::vector<PhysicsLaw> laws;
  for (const PhaseLaw& law : phase_laws()) laws.push_back(check(law, results));
  laws.push_back(check_growth("ttft_s", "a larger batch takes no less time to the first token", results));
  laws.push_back(check_growth("tbt_s", "a larger batch takes no less time between tokens", results));
  return laws;
}

}  // namespace duet::platform
