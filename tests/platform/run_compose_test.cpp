// SPDX-License-Identifier: Apache-2.0
// Platforms that nobody has built: whatever YAML composes must run both phases.
#include <catch2/catch.hpp>

#include "duet/core/address_map.hpp"
#include "duet/core/error.hpp"
#include "duet/core/platform_layout.hpp"
#include "run_fixture.hpp"

using namespace duet;
using namespace duet::test;
using platform::PointResult;

namespace {

void check_runs(const PointResult& point) {
  REQUIRE(point.fits);
  CHECK(point.ttft_s > 0);
  CHECK(point.tbt_s > 0);
  CHECK(point.ttft_s >= point.prefill->roofline_s);
  CHECK(point.tbt_s >= point.decode->roofline_s);
}

TEST_CASE("A package of 2 x 2 systolic chiplets serves both phases and keeps its caches", "[run][compose]") {
  const PointResult point = platform::evaluate_point(small_request(small_platform_yaml()), 4);
  check_runs(point);
  CHECK(point.prefill->remote_bytes == 0);
  CHECK(point.memory.size() == 1);
  CHECK(point.prefill->floorplan.nodes.size() == 8);
}

TEST_CASE("Vector-unit chiplets alone serve both phases", "[run][compose]") {
  check_runs(platform::evaluate_point(
      small_request(small_platform_yaml(), {"packages.only.nodes[0].type=vector"}), 4));
}

TEST_CASE("Chiplets with both kinds of array use each where it is better", "[run][compose]") {
  const PointResult point = platform::evaluate_point(
      small_request(small_platform_yaml(), {"packages.only.nodes[0].type=mixed"}), 4);
  check_runs(point);
  // 4 chiplets x 4 arrays: both kinds for the prefill's products, vector units for the decode step.
  CHECK(point.prefill->peak_macs_per_s == Approx(4 * 4 * (16 * 16 + 4 * 4 * 16) * 0.7e9));
  CHECK(point.decode->peak_macs_per_s == Approx(4 * 4 * 4 * 4 * 16 * 0.7e9));
}

TEST_CASE("Systolic and vector-unit chiplets share a package", "[run][compose]") {
  const PointResult point = platform::evaluate_point(
      small_request(small_platform_yaml(), {"packages.only.nodes[0]={type: systolic, x: 1, y: 0..1}",
                                            "packages.only.nodes[3]={type: vector, x: 2, y: 0..1}"}),
      4);
  check_runs(point);
  CHECK(point.prefill->peak_macs_per_s == Approx(2 * 8 * 16 * 16 * 0.7e9));
  CHECK(point.decode->peak_macs_per_s == Approx(2 * 8 * 4 * 4 * 16 * 0.7e9));
}

TEST_CASE("A memory stack more takes YAML only and makes decode faster", "[run][compose]") {
  const std::vector<std::string> slow_stacks = {"packages.only.nodes[0].type=vector",
                                                "packages.only.noi.link.bandwidth=4 TB/s"};
  std::vector<std::string> more = slow_stacks;
  more.emplace_back("packages.only.noi.columns=5");
  more.emplace_back("packages.only.nodes[3]={type: hbm, x: 4, y: 0..1}");
  const PointResult base = platform::evaluate_point(small_request(small_platform_yaml(), slow_stacks), 4);
  const PointResult wider = platform::evaluate_point(small_request(small_platform_yaml(), more), 4);
  check_runs(wider);
  CHECK(wider.decode->memory_bandwidth_bytes_per_s ==
        Approx(1.5 * base.decode->memory_bandwidth_bytes_per_s));
  CHECK(wider.memory[0].capacity_bytes > base.memory[0].capacity_bytes);
}

TEST_CASE("A chiplet row more takes YAML only and makes prefill faster", "[run][compose]") {
  const PointResult base = platform::evaluate_point(small_request(small_platform_yaml()), 16);
  const PointResult taller = platform::evaluate_point(
      small_request(small_platform_yaml(), {"packages.only.noi.rows=4", "packages.only.nodes[0].y=0..3"}),
      16);
  check_runs(taller);
  CHECK(taller.prefill->peak_macs_per_s == Approx(2 * base.prefill->peak_macs_per_s));
  CHECK(taller.ttft_s < base.ttft_s);
}

TEST_CASE("Two packages hand caches over, one does not", "[run][compose]") {
  const PointResult point = platform::evaluate_point(short_request(), 1);
  CHECK(point.prefill->package == "prefill");
  CHECK(point.decode->package == "decode");
  CHECK(point.prefill->remote_bytes > 0);
  CHECK(point.memory.size() == 2);
}

TEST_CASE("Packages lie in the address windows that they name, and times do not depend on them", "[run]") {
  const platform::RunRequest request =
      short_request({"packages.prefill.address_window=1", "packages.decode.address_window=2"});
  const auto packages = core::lay_out(request.platform);
  CHECK(packages[0].name == "prefill");
  CHECK(core::AddressMap::memory_base(packages[1].index, 0) == uint64_t{2} << 56);
  const PointResult swapped = platform::evaluate_point(request, 1);
  const PointResult shipped = platform::evaluate_point(short_request(), 1);
  CHECK(swapped.ttft_s == shipped.ttft_s);
  CHECK(swapped.tbt_s == shipped.tbt_s);
}

TEST_CASE("A batch that does not fit is a point with the sum and the capacity", "[run]") {
  platform::RunRequest request = small_request(small_platform_yaml());
  const PointResult point = platform::evaluate_point(request, 1 << 20);
  CHECK_FALSE(point.fits);
  CHECK(point.reason.find("exceed") != std::string::npos);
  CHECK(point.reason.find("only") != std::string::npos);
  CHECK_FALSE(point.prefill.has_value());
}

TEST_CASE("A model whose weights alone exceed the memory is a mistake before time 0", "[run]") {
  CHECK_THROWS_AS(shipped_request("duet", "nemotron-h-56b", "arxiv",
                                  {"packages.prefill.nodes[1]={type: gddr7_phy, x: 0, y: 0}",
                                   "packages.prefill.nodes[2]={type: gddr7_phy, x: 5, y: 0}",
                                   "packages.prefill.nodes[3]={type: gddr7_phy, x: 1, y: 4}"}),
                  core::UserError);
}

TEST_CASE("A platform without a package for a phase is a mistake", "[run]") {
  CHECK_THROWS_WITH(small_request(small_platform_yaml(), {"packages.only.role=prefill"}),
                    Catch::Contains("decode"));
}

}  // namespace
