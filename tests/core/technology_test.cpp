// SPDX-License-Identifier: Apache-2.0
#include "duet/core/technology.hpp"

#include <catch2/catch.hpp>

#include "duet/core/area_model.hpp"
#include "duet/core/energy_model.hpp"
#include "duet/core/error.hpp"

using namespace duet::core;

namespace {

constexpr double chiplet_limit_mm2 = 121;

NodeTypeDescription prefill_chiplet() {
  NodeTypeDescription node;
  node.systolic = SystolicArrayDescription{};
  return node;
}

NodeTypeDescription decode_chiplet() {
  NodeTypeDescription node;
  node.vector = VectorArrayDescription{};
  return node;
}

}  // namespace

TEST_CASE("unscaled components equal the published ones") {
  AreaTable table;
  table.target_nm = table.logic_nm = table.sram_nm = table.phy_nm = 28;
  auto prefill = prefill_chiplet();
  prefill.systolic->count = 1;
  const ChipletArea systolic = chiplet_area(prefill, 1, 256e9, table);
  CHECK(systolic.arrays == Approx(3.01));
  CHECK(systolic.sram == Approx(4.51));
  CHECK(systolic.sfu == Approx(0.95));
  CHECK(systolic.d2d_phy == Approx(11 * 0.3876));
  CHECK(systolic.bumps == Approx(0.476));
  auto decode = decode_chiplet();
  decode.vector->count = 1;
  const ChipletArea vector = chiplet_area(decode, 1, 1024e9, table);
  CHECK(vector.arrays == Approx(6.61));
  CHECK(vector.sram == Approx(6.55));
  CHECK(vector.sfu == Approx(3.8));
  // The paper's 42 PHYs are 1050 GB/s: 41 would be 1025, which is enough for 1024.
  CHECK(vector.d2d_phy == Approx(41 * 0.3876));
}

TEST_CASE("scaling multiplies and agrees with the D2D PHY of the HYDRA artefact") {
  CHECK(area_scale(28, 28) == Approx(1));
  CHECK(area_scale(32, 14) * area_scale(14, 7) == Approx(area_scale(32, 7)));
  CHECK(area_scale(28, 7) < area_scale(16, 7));
  // 11 PHYs of 0.3876 mm2 in 16 nm are 0.588 mm2 in 7 nm there.
  CHECK(area_scale(16, 7) == Approx(0.588 / (11 * 0.3876)).epsilon(0.05));
  CHECK_THROWS_AS(area_scale(90, 7), UserError);
}

TEST_CASE("HYDRA's components give the sums of duet.md section 4") {
  const AreaTable table;
  const ChipletArea prefill = hydra_chiplet_area(prefill_chiplet(), 4, 256e9);
  const ChipletArea decode = hydra_chiplet_area(decode_chiplet(), 4, 1024e9);
  CHECK(prefill.overhead_added(table) == Approx(98.9).epsilon(0.002));
  CHECK(decode.overhead_added(table) == Approx(98.9).epsilon(0.003));
  CHECK(prefill.overhead_share(table) == Approx(117.8).epsilon(0.002));
  CHECK(decode.overhead_share(table) == Approx(117.4).epsilon(0.002));
}

TEST_CASE("the paper's chiplets fit their limit, with the one link that it counts") {
  const AreaTable table;
  const double prefill = chiplet_area(prefill_chiplet(), 1, 256e9).overhead_added(table);
  const double decode = chiplet_area(decode_chiplet(), 1, 1024e9).overhead_added(table);
  CHECK(prefill < chiplet_limit_mm2);
  CHECK(decode < chiplet_limit_mm2);
  // Not by far: half as many arrays again would not fit.
  CHECK(1.5 * prefill > chiplet_limit_mm2);
  CHECK(1.5 * decode > chiplet_limit_mm2);
}

TEST_CASE("both packages fit the interposer limit") {
  // Decode: H C H C H, four rows of dies of an HBM's footprint.
  InterposerGrid decode;
  decode.compute_columns = 2;
  decode.memory_columns = 3;
  decode.memory_rows = 0;
  CHECK(interposer_area_mm2(decode) == Approx((55 + 2 + 1) * (44 + 1.5 + 1)));
  CHECK(interposer_area_mm2(decode) < 2700);
  // Prefill: memory-PHY chiplets on three sides, narrow because they hold no DRAM.
  InterposerGrid prefill;
  prefill.memory_die_mm = 4;
  CHECK(interposer_area_mm2(prefill) < 3000);
  prefill.memory_die_mm = 11;
  CHECK(interposer_area_mm2(prefill) > 3000);
}

TEST_CASE("busy arrays draw the published power") {
  EnergyTable table;
  table.logic_scale = 1;
  table.array_leakage_share = 0;
  Activity activity;
  activity.seconds = 2;
  activity.systolic_pes = 64 * 32;
  activity.systolic_pe_cycles = 64 * 32 * 700e6 * 2;
  CHECK(average_power_w(energy(activity, table), activity) == Approx(0.935));
  activity.systolic_pes = activity.systolic_pe_cycles = 0;
  activity.vector_lanes = 16 * 8 * 32;
  activity.vector_lane_cycles = 16 * 8 * 32 * 700e6 * 2;
  CHECK(average_power_w(energy(activity, table), activity) == Approx(3.446));
}

TEST_CASE("energy adds up over its causes") {
  const EnergyTable table;
  Activity activity;
  activity.d2d_bytes_hops = 1e12;
  CHECK(energy(activity).total() == Approx(8e12 * 1.17e-12));
  activity.d2d_bytes_hops = 0;
  activity.dram_command_pj = 5e12;
  activity.package_link_bytes = 1e12;
  CHECK(energy(activity).total() == Approx(5 + 8 * table.package_link_pj_per_bit));
  activity.seconds = 3;
  activity.dram_background_w = 2;
  CHECK(energy(activity).leakage == Approx(6));
}

TEST_CASE("idle arrays leak") {
  Activity activity;
  activity.seconds = 1;
  activity.systolic_pes = 64 * 32;
  const EnergyTable table;
  CHECK(energy(activity).total() == Approx(0.935 * table.logic_scale * table.array_leakage_share));
  CHECK(average_power_w(energy({}), {}) == 0);
}
