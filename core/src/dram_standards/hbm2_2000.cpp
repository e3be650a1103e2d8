// SPDX-License-Identifier: Apache-2.0
#include "standards.hpp"

namespace duet::core::dram {

// HBM2 at 2.0 Gb/s in pseudo channel mode (JESD235), as the presets of Ramulator 2.1.0 and DRAMSys 5.5.0 have
// it.
const DramStandard& hbm2_2000() {
  static const DramStandard standard{
      .name = "hbm2_2000",
      .text = "HBM2 2.0 Gb/s, 8 channels x 2 pseudo channels of 64 bit (JESD235)",
      .organisation = {.channels_per_stack = 8,
                       .pseudo_channels = 2,
                       .ranks = 1,
                       .bank_groups = 4,
                       .banks_per_group = 4,
                       .rows = 32768,
                       .bursts_per_row = 32,
                       .burst_bytes = 32},
      .timing = {.tck_ps = 1000,
                 .burst = 2,
                 .read_latency = 14,
                 .write_latency = 5,
                 .rcd_read = 14,
                 .rcd_write = 12,
                 .rp = 14,
                 .ras = 34,
                 .rc = 48,
                 .wr = 16,
                 .rtp = 5,
                 .ccd_s = 2,
                 .ccd_l = 4,
                 .rrd_s = 4,
                 .rrd_l = 4,
                 .faw = 15,
                 .wtr_s = 6,
                 .wtr_l = 8,
                 .rd_to_wr = 13,
                 .refi = 3900,
                 .rfc_all_bank = 260,
                 .rfc_per_bank = 160,
                 .rrefd = 8,
                 .refi_per_bank = 244,
                 .split_command_bus = true,
                 .act_bus_clocks = 2},
      // M. O'Connor et al., "Fine-Grained DRAM", MICRO 2017, Table 3: 909 pJ a 1 KB row activation,
      // 1.51 + 1.17 + 0.80 pJ/bit for column, data movement and I/O. Refresh and background *assumed*.
      .energy = {.act_pre_pj = 909,
                 .read_pj = 891,
                 .write_pj = 891,
                 .refresh_all_pj = 14500,
                 .refresh_bank_pj = 910,
                 .background_mw = 20},
      .default_mapping = "column=5,9-12 pseudo_channel=6 bank_group=7-8 bank=13-14 row=15-29",
      .mapping_a = "column=5-9 pseudo_channel=10 bank_group=11-12 bank=13-14 row=15-29"};
  return standard;
}

}  // namespace duet::core::dram
