// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/platform/experiment/physics_check.hpp"

using namespace duet::platform;

namespace {

ResultRow point(unsigned batch, double ttft_s) {
  const nlohmann::json phase{
      {"time_s", ttft_s},
      {"completion_s", ttft_s},
      {"roofline_s", ttft_s / 2},
      {"compute_utilisation", 0.5},
      {"memory_bandwidth_utilisation", 0.9},
      {"utilisation", {{"links_max", 0.8}, {"memory", 0.9}}},
      {"energy", {{"total_j", 2.0}, {"average_power_w", 2.0 / ttft_s}}},
  };
  return {{{"platform", "duet"}, {"model", "m"}, {"workload", "w"}, {"batch", std::to_string(batch)}},
          {{"fits", true}, {"ttft_s", ttft_s}, {"tbt_s", ttft_s}, {"prefill", phase}, {"decode", phase}}};
}

/// Names of the laws that something breaks.
std::vector<std::string> broken(const ExperimentResults& results) {
  std::vector<std::string> texts;
  for (const PhysicsLaw& law : check_physics(results)) {
    if (!law.breaks.empty()) texts.push_back(law.text);
  }
  return texts;
}

/// Two good points, the second with one figure changed.
ExperimentResults with(const std::string& pointer, double value) {
  ExperimentResults results;
  results.add(point(1, 1.0));
  ResultRow changed = point(2, 1.5);
  changed.result[nlohmann::json::json_pointer(pointer)] = value;
  results.add(changed);
  return results;
}

}  // namespace

TEST_CASE("points that a machine can reach break no law, and each law looks at all of them") {
  const auto results = with("/prefill/roofline_s", 1.4);
  CHECK(broken(results).empty());
  for (const PhysicsLaw& law : check_physics(results)) CHECK(law.checked >= 1);
  CHECK(check_physics(results).front().checked == 4);
}

TEST_CASE("each figure that no machine can reach breaks one law") {
  CHECK(broken(with("/prefill/roofline_s", 1.6)).size() == 1);
  CHECK(broken(with("/decode/compute_utilisation", 1.1)).size() == 1);
  CHECK(broken(with("/decode/memory_bandwidth_utilisation", 1.1)).size() == 1);
  CHECK(broken(with("/prefill/utilisation/links_max", 1.1)).size() == 1);
  CHECK(broken(with("/prefill/energy/total_j", -1.0)).size() == 1);
  CHECK(broken(with("/ttft_s", 0.5)) ==
        std::vector<std::string>{"a larger batch takes no less time to the first token"});
  CHECK(broken(with("/tbt_s", 0.5)).size() == 1);
}

TEST_CASE("a point that breaks a law is named") {
  const auto laws = check_physics(with("/prefill/roofline_s", 1.6));
  CHECK(laws.front().breaks == std::vector<std::string>{"duet m w batch 2, prefill"});
}

TEST_CASE("points that do not fit are left out") {
  ExperimentResults results;
  ResultRow row = point(1, 1.0);
  row.result["fits"] = false;
  row.result["prefill"]["roofline_s"] = 9.0;
  results.add(row);
  CHECK(broken(results).empty());
  CHECK(check_physics(results).front().checked == 0);
}
