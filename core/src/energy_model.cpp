// SPDX-License-Identifier: Apache-2.0
#include "duet/core/energy_model.hpp"

namespace duet::core {

namespace {

constexpr double picojoule = 1e-12;
constexpr double bits_per_byte = 8;
constexpr double mb = 1 << 20;

}  // namespace

EnergyBreakdown energy(const Activity& activity, const EnergyTable& table) {
  EnergyBreakdown result;
  const double pe_pj = table.systolic_pe_pj * table.logic_scale;
  const double lane_pj = table.vector_lane_pj * table.logic_scale;
  result.arrays = picojoule * (activity.systolic_pe_cycles * pe_pj + activity.vector_lane_cycles * lane_pj +
                               activity.tensor_core_macs * table.tensor_core_mac_pj);
  result.sfu = picojoule * activity.functions * table.function_pj * table.logic_scale;
  result.sram = picojoule * activity.sram_bytes * table.sram_pj_per_byte;
  result.links = picojoule * bits_per_byte *
                 (activity.d2d_bytes_hops * table.d2d_pj_per_bit +
                  activity.package_link_bytes * table.package_link_pj_per_bit);
  const double busy_power_w =
      picojoule * activity.clock_hz * (activity.systolic_pes * pe_pj + activity.vector_lanes * lane_pj);
  result.leakage = activity.seconds * (busy_power_w * table.array_leakage_share +
                                       activity.sram_capacity_bytes / mb * table.sram_leakage_w_per_mb);
  result.dram = picojoule * activity.dram_command_pj;
  result.leakage += activity.seconds * activity.dram_background_w;
  return result;
}

double average_power_w(const EnergyBreakdown& energy, const Activity& activity) {
  return activity.seconds > 0 ? energy.total() / activity.seconds : 0;
}

}  // namespace duet::core
