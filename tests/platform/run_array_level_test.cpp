// SPDX-License-Identifier: Apache-2.0
// A run in which one chiplet's arrays are at level pe while the others are at level tile.
#include <catch2/catch.hpp>
#include <filesystem>

#include "run_fixture.hpp"
#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using namespace duet;
using namespace duet::test;

namespace {

// The small platform's four chiplets, the one at the north-west as a type of its own.
std::string with_detailed_chiplet(const std::string& vcd) {
  std::string yaml = small_platform_yaml();
  const auto replace = [&](const std::string& from, const std::string& to) {
    const size_t at = yaml.find(from);
    REQUIRE(at != std::string::npos);
    yaml.replace(at, from.size(), to);
  };
  replace("      - {type: systolic, x: 1..2, y: 0..1}\n",
          "      - {type: detailed, x: 1, y: 0}\n"
          "      - {type: systolic, x: 2, y: 0}\n"
          "      - {type: systolic, x: 1..2, y: 1}\n");
  replace("node_types:\n",
          "node_types:\n  detailed:\n"
          "    systolic: {count: 8, rows: 16, columns: 16, sram: 256 KiB, sram_bandwidth: 64 GB/s, "
          "sfu: {units: 16}, level: pe, vcd: {file: '" +
              vcd + "', scope: 'array.pe[0..3][0..3],array.mode', window: '100:400'}}\n");
  return yaml;
}

platform::PointResult run(const std::string& yaml, std::vector<std::string>& warnings) {
  platform::RunObserver observer;
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  return platform::evaluate_point(small_request(yaml), 1, observer);
}

}  // namespace

TEST_CASE("a run with one of four chiplets at level pe takes exactly the times of one at level tile",
          "[run]") {
  const TemporaryFolder folder;
  std::vector<std::string> warnings;
  const platform::PointResult pe = run(with_detailed_chiplet(folder.file("array.vcd")), warnings);
  const platform::PointResult tile = run(small_platform_yaml(), warnings);
  CHECK(warnings.empty());
  CHECK(pe.ttft_s == tile.ttft_s);
  CHECK(pe.tbt_s == tile.tbt_s);
  REQUIRE(pe.prefill->stages.size() == tile.prefill->stages.size());
  for (size_t i = 0; i < pe.prefill->stages.size(); ++i)
    CHECK(pe.prefill->stages[i].time_s == tile.prefill->stages[i].time_s);

  // Decode and prefill are simulations of their own, and each has its trace.
  for (const char* name : {"array.vcd", "array.2.vcd"}) {
    INFO(name);
    const VcdFile vcd = read_vcd(folder.file(name));
    CHECK(vcd.signals.count("array.pe[3][3].accumulator") == 1);
    CHECK(vcd.signals.count("array.pe[4][0].accumulator") == 0);
    // One token's products lie on column 0.
    CHECK(vcd.signals.at("array.pe[1][0].accumulator").changes.size() > 20);
    CHECK(vcd.signals.at("array.pe[0][0].operation").first("mac") != ~uint64_t{0});
  }
  CHECK(std::filesystem::exists(folder.file("array.gtkw")));
}

TEST_CASE("the result names the levels of the arrays", "[run]") {
  const TemporaryFolder folder;
  platform::RunRequest request = small_request(with_detailed_chiplet(folder.file("array.vcd")));
  request.batches = {1};
  CHECK(platform::evaluate(request).levels.at("arrays") == "pe, tile");
}
