// SPDX-License-Identifier: Apache-2.0
#include "standards.hpp"

namespace duet::core::dram {

// HBM3 at 6.4 Gb/s (JESD238), as the presets of Ramulator 2.1.0 and DRAMSys 5.5.0 have it. Row timings are
// assumptions of those tools: no public data sheet has them.
const DramStandard& hbm3_6400() {
  static const DramStandard standard{
      .name = "hbm3_6400",
      .text = "HBM3 6.4 Gb/s, 16 channels x 2 pseudo channels of 32 bit, 2 SIDs (JESD238)",
      .organisation = {.channels_per_stack = 16,
                       .pseudo_channels = 2,
                       .ranks = 2,
                       .bank_groups = 4,
                       .banks_per_group = 4,
                       .rows = 16384,
                       .bursts_per_row = 32,
                       .burst_bytes = 32},
      .timing = {.tck_ps = 625,
                 .burst = 2,
                 .read_latency = 20,   // *assumed*
                 .write_latency = 10,  // *assumed*
                 .rcd_read = 31,       // *assumed*
                 .rcd_write = 15,      // *assumed*
                 .rp = 26,             // *assumed*
                 .ras = 45,            // *assumed*
                 .rc = 72,             // *assumed*
                 .wr = 33,             // *assumed*
                 .rtp = 9,             // *assumed*
                 .ccd_s = 2,
                 .ccd_l = 4,
                 .ccd_r = 3,      // *assumed*
                 .rrd_s = 4,      // *assumed*
                 .rrd_l = 5,      // *assumed*
                 .faw = 24,       // *assumed*
                 .wtr_s = 7,      // *assumed*
                 .wtr_l = 10,     // *assumed*
                 .rd_to_wr = 20,  // *assumed*
                 .ppd = 2,        // *assumed*
                 .refi = 6240,
                 .rfc_all_bank = 560,
                 .rfc_per_bank = 320,
                 .rrefd = 8,
                 .refi_per_bank = 195,
                 .split_command_bus = true,
                 // 1.5 clocks; commands start on rising edges only, so the next one waits for the second.
                 .act_bus_clocks = 2},
      // *assumed*: the HBM2 split of O'Connor et al. (MICRO 2017) at 3.9 pJ/bit in all.
      .energy = {.act_pre_pj = 900,
                 .read_pj = 790,
                 .write_pj = 790,
                 .refresh_all_pj = 14500,
                 .refresh_bank_pj = 900,
                 .background_mw = 15},
      .default_mapping = "column=5,9-12 pseudo_channel=6 bank_group=7-8 bank=13-14 rank=15 row=16-29",
      .mapping_a = ""};
  return standard;
}

}  // namespace duet::core::dram
