// SPDX-License-Identifier: Apache-2.0
// `check --json` and `describe --json` against the shipped files.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/run_program.hpp"

using duet::test::run_program;
using Json = nlohmann::json;

TEST_CASE("check --json tells what a platform composes", "[config]") {
  const auto outcome =
      run_program("duet-vp check " DUET_SOURCE_DIR "/configs/platforms/duet.yaml " DUET_SOURCE_DIR
                  "/configs/workloads/chat.yaml --json -");
  REQUIRE(outcome.exit_code == 0);
  const Json list = Json::parse(outcome.output);
  REQUIRE(list.size() == 2);
  CHECK(list[0]["valid"] == true);
  CHECK(list[0]["kind"] == "platform");
  const Json& packages = list[0]["platform"]["packages"];
  REQUIRE(packages.size() == 2);
  const Json& prefill = packages[packages[0]["name"] == "prefill" ? 0 : 1];
  // duet.md section 1: 64 x 32 x 192 x 16 PEs at 700 MHz; 24 stacks of 128 GB/s.
  CHECK(prefill["peak_systolic_macs_per_second"].get<double>() == Approx(64. * 32 * 192 * 16 * 0.7e9 / 2));
  CHECK(prefill["memory_bytes_per_second"].get<double>() == Approx(24 * 128e9));
  CHECK(prefill["nodes"].size() == 16 + 12 + 2);
  // No two windows share an address.
  for (const Json& package : packages) {
    std::vector<std::pair<uint64_t, uint64_t>> windows;
    for (const Json& window : package["address_map"])
      windows.emplace_back(window["base"].get<uint64_t>(), window["bytes"].get<uint64_t>());
    std::sort(windows.begin(), windows.end());
    for (size_t i = 1; i < windows.size(); ++i)
      CHECK(windows[i - 1].first + windows[i - 1].second <= windows[i].first);
  }
  CHECK(list[1]["workload"]["prompt_tokens"] == 90);
}

TEST_CASE("check --json lists mistakes and exits with 2", "[config]") {
  const auto outcome = run_program("duet-vp check " DUET_SOURCE_DIR
                                   "/configs/platforms/duet.yaml --set granularity=3 --json - 2>/dev/null");
  CHECK(outcome.exit_code == 2);
  const Json list = Json::parse(outcome.output);
  CHECK(list[0]["valid"] == false);
  REQUIRE(list[0]["mistakes"].size() == 1);
  CHECK(list[0]["mistakes"][0].get<std::string>().starts_with("--set granularity=3: granularity: found '3'"));
}

TEST_CASE("describe --json has every key with unit, range, default and meaning", "[config]") {
  const auto outcome = run_program("duet-vp describe systolic_array --json -");
  REQUIRE(outcome.exit_code == 0);
  const Json structure = Json::parse(outcome.output);
  CHECK(structure["stands_in"][0] == "platform.node_types.<name>.systolic");
  bool found = false;
  for (const Json& key : structure["keys"]) {
    CHECK_FALSE(key["text"].get<std::string>().empty());
    if (key["key"] != "sram_bandwidth") continue;
    found = true;
    CHECK(key["unit"] == "B/s");
    CHECK(key["default"] == "256 GB/s");
    CHECK(key.contains("min"));
  }
  CHECK(found);
  CHECK(run_program("duet-vp describe sistolic_array --json - 2>&1").output.find("systolic_array") !=
        std::string::npos);
}
