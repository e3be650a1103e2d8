// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/technology.hpp"

namespace duet::core {

/// What a package did in a run, and what it has; everything that costs energy.
struct Activity {
  double seconds = 0;
  double clock_hz = 700e6;
  double systolic_pes = 0;         ///< built in
  double systolic_pe_cycles = 0;   ///< busy PEs x cycles
  double vector_lanes = 0;         ///< built in
  double vector_lane_cycles = 0;   ///< busy lanes x cycles
  double functions = 0;            ///< evaluations in SFUs
  double tensor_core_macs = 0;     ///< of a GPU
  double sram_bytes = 0;           ///< read and written
  double sram_capacity_bytes = 0;  ///< built in
  double d2d_bytes_hops = 0;       ///< bytes x die-to-die links crossed
  double package_link_bytes = 0;   ///< over the inter-package link
  double dram_command_pj = 0;      ///< of all DRAM commands (memory counters x DramStandard::energy)
  double dram_background_w = 0;    ///< standby power of all pseudo channels
};

/// Energy in joules by cause.
struct EnergyBreakdown {
  double arrays = 0;
  double sfu = 0;
  double sram = 0;
  double links = 0;
  double dram = 0;
  double leakage = 0;  ///< of arrays and SRAM, and the DRAM's background

  [[nodiscard]] double total() const { return arrays + sfu + sram + links + dram + leakage; }
};

EnergyBreakdown energy(const Activity& activity, const EnergyTable& table = {});

/// Average power in watts; 0 when no time passed.
double average_power_w(const EnergyBreakdown& energy, const Activity& activity);

}  // namespace duet::core
