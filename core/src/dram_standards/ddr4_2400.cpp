// SPDX-License-Identifier: Apache-2.0
#include "standards.hpp"

namespace duet::core::dram {

// DDR4-2400R, one rank of eight x8 8 Gb devices (JESD79-4), as the presets of Ramulator 2.1.0 and
// DRAMSys 5.5.0 have it.
const DramStandard& ddr4_2400() {
  static const DramStandard standard{
      .name = "ddr4_2400",
      .text = "DDR4-2400R, 64 bit, one rank of 8 Gb x8 devices (JESD79-4)",
      .organisation = {.channels_per_stack = 1,
                       .pseudo_channels = 1,
                       .ranks = 1,
                       .bank_groups = 4,
                       .banks_per_group = 4,
                       .rows = 32768,
                       .bursts_per_row = 128,
                       .burst_bytes = 64},
      .timing = {.tck_ps = 833,
                 .burst = 4,
                 .read_latency = 16,
                 .write_latency = 12,
                 .rcd_read = 16,
                 .rcd_write = 16,
                 .rp = 16,
                 .ras = 39,
                 .rc = 55,
                 .wr = 18,
                 .rtp = 9,
                 .ccd_s = 4,
                 .ccd_l = 6,
                 .rrd_s = 4,
                 .rrd_l = 6,
                 .faw = 26,
                 .wtr_s = 3,
                 .wtr_l = 9,
                 .rd_to_wr = 10,
                 .refi = 9364,
                 .rfc_all_bank = 313},
      // IDD-based orders of magnitude for eight x8 devices (Micron TN-40-07 method); *assumed* values.
      .energy = {.act_pre_pj = 14000,
                 .read_pj = 9000,
                 .write_pj = 9500,
                 .refresh_all_pj = 480000,
                 .refresh_bank_pj = 0,
                 .background_mw = 400},
      .default_mapping = "bank_group=6-7 column=8-14 bank=15-16 row=17-31",
      .mapping_a = "column=6-12 bank_group=13-14 bank=15-16 row=17-31"};
  return standard;
}

}  // namespace duet::core::dram
