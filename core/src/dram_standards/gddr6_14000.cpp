// SPDX-License-Identifier: Apache-2.0
#include "standards.hpp"

namespace duet::core::dram {

// GDDR6 at 14 Gb/s, one 16-bit channel of two (JESD250), as the presets of Ramulator 2.1.0 and DRAMSys 5.5.0
// have it.
const DramStandard& gddr6_14000() {
  static const DramStandard standard{
      .name = "gddr6_14000",
      .text = "GDDR6 14 Gb/s, 2 channels of 16 bit (JESD250)",
      .organisation = {.channels_per_stack = 2,
                       .pseudo_channels = 1,
                       .ranks = 1,
                       .bank_groups = 4,
                       .banks_per_group = 4,
                       .rows = 16384,
                       .bursts_per_row = 64,
                       .burst_bytes = 32},
      .timing = {.tck_ps = 570,
                 .burst = 2,
                 .read_latency = 24,
                 .write_latency = 6,
                 .rcd_read = 27,
                 .rcd_write = 16,
                 .rp = 27,
                 .ras = 53,
                 .rc = 79,
                 .wr = 27,
                 .rtp = 4,
                 .ccd_s = 2,
                 .ccd_l = 4,
                 .rrd_s = 8,
                 .rrd_l = 8,
                 .faw = 29,
                 .wtr_s = 9,
                 .wtr_l = 11,
                 .rd_to_wr = 25,
                 .ppd = 1,
                 .refi = 3333,
                 .rfc_all_bank = 211,
                 .rfc_per_bank = 106,
                 .rrefd = 15,
                 .refi_per_bank = 208},
      // About 5.5 pJ/bit of a streaming device, 1.1 nJ an activation: *assumed* from vendors' IDD ranges.
      .energy = {.act_pre_pj = 1800,
                 .read_pj = 1300,
                 .write_pj = 1300,
                 .refresh_all_pj = 29000,
                 .refresh_bank_pj = 1800,
                 .background_mw = 60},
      .default_mapping = "column=5,8-12 bank_group=6-7 bank=13-14 row=15-28",
      .mapping_a = ""};
  return standard;
}

}  // namespace duet::core::dram
