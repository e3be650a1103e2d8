// SPDX-License-Identifier: Apache-2.0
#include "standards.hpp"

namespace duet::core::dram {

// GDDR7 at 32 Gb/s PAM3 (JESD239). Public: 4 channels of 8 DQ, CK4 = rate / 16, 32 B in 2 CK4,
// 16K refreshes in 32 ms, per-bank refresh, devices of 16 to 32 Gb. A stack of duet.md holds 8 GB
// behind 128 GB/s: two 32 Gb dies that share the four channels (*assumed*: no public device does).
// Row timings: no public table. The nanoseconds of the 28 Gb/s guesses, rounded up to this clock.
const DramStandard& gddr7_32000() {
  static const DramStandard standard{
      .name = "gddr7_32000",
      .text = "GDDR7 32 Gb/s PAM3, 4 channels of 8 bit, two 32 Gb dies (JESD239; row timings assumed)",
      .organisation = {.channels_per_stack = 4,
                       .pseudo_channels = 1,
                       .ranks = 2,  // *assumed*
                       .bank_groups = 1,
                       .banks_per_group = 16,
                       .rows = 32768,
                       .bursts_per_row = 64,  // 2 KB page, *assumed*
                       .burst_bytes = 32},
      .timing = {.tck_ps = 500,
                 .burst = 2,
                 .read_latency = 28,  // *assumed*, 13.7 ns
                 .write_latency = 7,  // *assumed*
                 .rcd_read = 35,      // *assumed*, 17.1 ns
                 .rcd_write = 22,     // *assumed*, 10.8 ns
                 .rp = 35,            // *assumed*, 17.1 ns
                 .ras = 69,           // *assumed*, 34.3 ns
                 .rc = 104,           // *assumed*
                 .wr = 35,            // *assumed*, 17.1 ns
                 .rtp = 5,            // *assumed*, 2.3 ns
                 .ccd_s = 2,
                 .ccd_l = 4,            // *assumed*: same bank
                 .ccd_r = 3,            // *assumed*: one clock of bus turn-around between the dies
                 .rrd_s = 5,            // *assumed*, 2.3 ns
                 .rrd_l = 5,            // *assumed*
                 .faw = 0,              // *assumed*: none
                 .wtr_s = 11,           // *assumed*, 5.1 ns
                 .wtr_l = 13,           // *assumed*, 6.3 ns
                 .rd_to_wr = 26,        // *assumed*: RL + burst - WL with three clocks of bus turn-around
                 .ppd = 2,              // *assumed*
                 .refi = 3906,          // 32 ms / 16384
                 .rfc_all_bank = 360,   // *assumed*, 180 ns
                 .rfc_per_bank = 120,   // *assumed*, 60 ns
                 .rrefd = 24,           // *assumed*, 12 ns
                 .refi_per_bank = 122,  // refi / 32 banks
                 .long_scope_is_bank = true,
                 .split_command_bus = true,
                 .act_bus_clocks = 2,      // as Ramulator 2.1.0 has it
                 .column_bus_clocks = 2},  // likewise
      // *assumed*: about 4.5 pJ/bit of a streaming device.
      .energy = {.act_pre_pj = 1700,
                 .read_pj = 1050,
                 .write_pj = 1050,
                 .refresh_all_pj = 27000,
                 .refresh_bank_pj = 1700,
                 .background_mw = 50},
      .idle_latency_ps = 300'000,
      .default_mapping = "column=5,8-12 bank=6,7,13,14 rank=15 row=16-30",
      .mapping_a = ""};
  return standard;
}

}  // namespace duet::core::dram
