// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/area_estimate.hpp"

#include <catch2/catch.hpp>

using duet::core::NodeTypeDescription;
using duet::platform::estimate_area;

TEST_CASE("four links give the published sums of both chiplets") {
  NodeTypeDescription prefill;
  prefill.systolic.emplace();
  // duet.md section 4: with four links 98.9 mm2 at x 1.4, and 117.8 / 117.4 at / 0.6.
  CHECK(estimate_area(prefill, {256e9, 256e9, 256e9, 256e9}).overhead_added() == Approx(98.9).margin(0.1));
  CHECK(estimate_area(prefill, {256e9, 256e9, 256e9, 256e9}).overhead_share() == Approx(117.8).margin(0.1));
  NodeTypeDescription decode;
  decode.vector.emplace();
  CHECK(estimate_area(decode, {1024e9, 1024e9, 1024e9, 1024e9}).overhead_share() ==
        Approx(117.4).margin(0.1));
}

TEST_CASE("area grows with arrays, SRAM and links, and a mixed chiplet has the area of both halves") {
  NodeTypeDescription systolic;
  systolic.systolic.emplace().count = 96;
  NodeTypeDescription vector_units;
  vector_units.vector.emplace().count = 48;
  NodeTypeDescription mixed = systolic;
  mixed.vector = vector_units.vector;
  CHECK(estimate_area(mixed, {}).components() ==
        Approx(estimate_area(systolic, {}).components() + estimate_area(vector_units, {}).components()));
  NodeTypeDescription more_sram = systolic;
  more_sram.systolic->sram_bytes *= 2;
  CHECK(estimate_area(more_sram, {}).sram == Approx(2 * estimate_area(systolic, {}).sram));
  CHECK(estimate_area(systolic, {256e9}).links < estimate_area(systolic, {512e9}).links);
}
