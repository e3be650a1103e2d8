// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/field.hpp"

namespace duet::core {

/// Area of the same logic at `to_nm` over that at `from_nm`: ratio of the logic transistor densities
/// that Intel published for its nodes (M. Bohr, "Moore's Law Leadership", 2017: 45 nm 3.3, 32 nm 7.5,
/// 22 nm 15.3, 14 nm 37.5, 10 nm 100.8 million a mm2; 7 nm twice the 10 nm one, investor meeting 2019),
/// which are also what DeepScaleTool (arXiv:2102.10195) fits; between nodes by a power law of the
/// node's name. Throws UserError outside 7 to 45 nm.
double area_scale(double from_nm, double to_nm);

/// Areas of the components as published (duet.md section 4), before any scaling.
struct AreaTable {
  double target_nm = 7;
  double logic_nm = 28;
  double systolic_pe_mm2 = 3.01 / (64 * 32);
  double vector_lane_mm2 = 6.61 / (16 * 8 * 32);
  double sfu_unit_mm2 = 0.95 / 64;
  double sram_nm = 32;
  double sram_mm2_per_mb = 3.83;
  double sram_port_mm2_per_gbps = 2.04 / 768;
  double phy_nm = 16;
  double phy_mm2 = 0.3876;
  double phy_bytes_per_second = 25e9;
  double bump_mm2_per_gbps = 0.476 / 256;
  double overhead = 0.4;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = AreaTable;
    visit("target_nm", &Self::target_nm,
          {.min = 7, .max = 45, .text = "node that everything is scaled to (paper: 7 nm)"});
    visit("logic_nm", &Self::logic_nm,
          {.min = 7, .max = 45, .text = "node of arrays and SFU (paper: TSMC 28 nm)"});
    visit("systolic_pe_mm2", &Self::systolic_pe_mm2,
          {.unit = Unit::square_millimetres,
           .min = 0,
           .text = "one PE: 3.01 mm2 for 64 x 32 (paper); proportional to the PEs *assumed*"});
    visit("vector_lane_mm2", &Self::vector_lane_mm2,
          {.unit = Unit::square_millimetres,
           .min = 0,
           .text = "one lane with its share of tree and buffer: 6.61 mm2 for 16 x 8 x 32 (paper); "
                   "proportional to the lanes *assumed*"});
    visit("sfu_unit_mm2", &Self::sfu_unit_mm2,
          {.unit = Unit::square_millimetres,
           .min = 0,
           .text = "one special function unit: 0.95 mm2 for 64, 3.8 mm2 for 256 (Flex-SFU, paper)"});
    visit("sram_nm", &Self::sram_nm,
          {.min = 7, .max = 45, .text = "node of the SRAM figures (CACTI 32 nm, paper)"});
    visit(
        "sram_mm2_per_mb", &Self::sram_mm2_per_mb,
        {.unit = Unit::square_millimetres,
         .min = 0,
         .text = "SRAM cells of 1 MB: intercept of 4.51 mm2 at 256 GB/s and 6.55 mm2 at 1024 GB/s (paper)"});
    visit("sram_port_mm2_per_gbps", &Self::sram_port_mm2_per_gbps,
          {.unit = Unit::square_millimetres,
           .min = 0,
           .text = "SRAM periphery per GB/s: slope of the same two figures"});
    visit("phy_nm", &Self::phy_nm, {.min = 7, .max = 45, .text = "node of the D2D PHY (Nvidia GRS, 16 nm)"});
    visit("phy_mm2", &Self::phy_mm2,
          {.unit = Unit::square_millimetres,
           .min = 0,
           .text = "one D2D PHY of 8 lanes at 25 Gb/s (Nvidia GRS, paper)"});
    visit("phy_bandwidth", &Self::phy_bytes_per_second,
          {.unit = Unit::bytes_per_second, .min = 1, .text = "rate of one D2D PHY (paper: 25 GB/s)"});
    visit("bump_mm2_per_gbps", &Self::bump_mm2_per_gbps,
          {.unit = Unit::square_millimetres,
           .min = 0,
           .text = "bump field per GB/s of link: 0.476 mm2 at 256 GB/s, 1.904 at 1024 (HYDRA, UCIe x64 "
                   "advanced); does not scale"});
    visit("overhead", &Self::overhead,
          {.min = 0,
           .max = 10,
           .text = "controllers, routing and the rest on top of the components (paper: 40 %)"});
  }
};

/// The table of energy constants but for DRAM commands, which belong to the DRAM standards
/// (core/dram_standard.hpp). Each is a published figure or *assumed*, as its text says.
struct EnergyTable {
  double logic_scale = 0.175;
  double systolic_pe_pj = 0.935 / (64 * 32 * 700e6) * 1e12;
  double vector_lane_pj = 3.446 / (16 * 8 * 32 * 700e6) * 1e12;
  double function_pj = 1.0;
  double array_leakage_share = 0.1;
  double tensor_core_mac_pj = 0.5;
  double sram_pj_per_byte = 1.75;
  double sram_leakage_w_per_mb = 0.01;
  double d2d_pj_per_bit = 1.17;
  double package_link_pj_per_bit = 5.0;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = EnergyTable;
    visit("logic_scale", &Self::logic_scale,
          {.min = 0.01,
           .max = 1,
           .text = "energy of an operation at 7 nm over that at 28 nm, same clock; *assumed* from TSMC's "
                   "statements (16 nm: half of 28 nm's, 7 nm: 65 % less than 16 nm's); 1 gives the paper's "
                   "28 nm figures"});
    visit("systolic_pe", &Self::systolic_pe_pj,
          {.unit = Unit::picojoules,
           .min = 0,
           .text = "one busy cycle of a PE in 28 nm: 935 mW for 64 x 32 (paper) at 700 MHz"});
    visit("vector_lane", &Self::vector_lane_pj,
          {.unit = Unit::picojoules,
           .min = 0,
           .text = "one busy cycle of a lane in 28 nm: 3446 mW for 16 x 8 x 32 (paper) at 700 MHz"});
    visit("function", &Self::function_pj,
          {.unit = Unit::picojoules,
           .min = 0,
           .text =
               "one evaluation in an SFU, 28 nm; *assumed*: two multiply-adds of a PE and a table look-up"});
    visit("array_leakage_share", &Self::array_leakage_share,
          {.unit = Unit::ratio,
           .min = 0,
           .max = 1,
           .text = "leakage and clock of an array over its busy power; *assumed*"});
    visit("tensor_core_mac", &Self::tensor_core_mac_pj,
          {.unit = Unit::picojoules,
           .min = 0,
           .text = "one FP16 multiply-accumulate of a GPU (7 nm multiply 0.34 and add 0.16 pJ: Jouppi et "
                   "al., ISCA 2021, table 2)"});
    visit("sram_pj_per_byte", &Self::sram_pj_per_byte,
          {.unit = Unit::picojoules,
           .min = 0,
           .text = "one byte of an array's 1 MB SRAM, 7 nm: 14 pJ per 8 bytes (Jouppi et al., ISCA 2021, "
                   "table 2)"});
    visit("sram_leakage", &Self::sram_leakage_w_per_mb,
          {.unit = Unit::watts, .min = 0, .text = "leakage of 1 MB of SRAM; *assumed*"});
    visit("d2d_link", &Self::d2d_pj_per_bit,
          {.unit = Unit::picojoules_per_bit,
           .min = 0,
           .text = "one hop of a bit over a die-to-die link (Nvidia GRS, paper)"});
    visit("package_link", &Self::package_link_pj_per_bit,
          {.unit = Unit::picojoules_per_bit,
           .min = 0,
           .text = "a bit over the inter-package link; *assumed*: long-reach serial link"});
  }
};

}  // namespace duet::core
