// SPDX-License-Identifier: Apache-2.0
#include "standards.hpp"

namespace duet::core::dram {

// GDDR7 at 28 Gb/s PAM3 (JESD239) as the preset of Ramulator 2.1.0 has it: its row timings are that tool's
// own guesses.
const DramStandard& gddr7_28000() {
  static const DramStandard standard{
      .name = "gddr7_28000",
      .text = "GDDR7 28 Gb/s PAM3, 4 channels of 8 bit (JESD239; row timings are guesses of a peer)",
      .organisation = {.channels_per_stack = 4,
                       .pseudo_channels = 1,
                       .ranks = 1,
                       .bank_groups = 1,
                       .banks_per_group = 16,
                       .rows = 16384,
                       .bursts_per_row = 64,
                       .burst_bytes = 32},
      .timing = {.tck_ps = 571,
                 .burst = 2,
                 .read_latency = 24,  // *assumed*; and one more for the second clock of RD
                 .write_latency = 6,  // *assumed*
                 .rcd_read = 30,      // *assumed*
                 .rcd_write = 19,     // *assumed*
                 .rp = 30,            // *assumed*
                 .ras = 60,           // *assumed*
                 .rc = 90,            // *assumed*
                 .wr = 30,            // *assumed*
                 .rtp = 4,            // *assumed*
                 .ccd_s = 2,
                 .ccd_l = 4,      // *assumed*
                 .rrd_s = 4,      // *assumed*
                 .rrd_l = 4,      // *assumed*
                 .faw = 0,        // *assumed*
                 .wtr_s = 9,      // *assumed*
                 .wtr_l = 11,     // *assumed*
                 .rd_to_wr = 12,  // *assumed*
                 .ppd = 2,        // *assumed*
                 .refi = 3327,
                 .rfc_all_bank = 315,  // *assumed*
                 .rfc_per_bank = 105,  // *assumed*
                 .rrefd = 21,          // *assumed*
                 .refi_per_bank = 207,
                 .long_scope_is_bank = true,
                 .split_command_bus = true,
                 .act_bus_clocks = 2,
                 .column_bus_clocks = 2},
      // *assumed*: about 4.5 pJ/bit of a streaming device.
      .energy = {.act_pre_pj = 1700,
                 .read_pj = 1050,
                 .write_pj = 1050,
                 .refresh_all_pj = 27000,
                 .refresh_bank_pj = 1700,
                 .background_mw = 50},
      .default_mapping = "column=5,8-12 bank=6,7,13,14 row=15-28",
      .mapping_a = ""};
  return standard;
}

}  // namespace duet::core::dram
