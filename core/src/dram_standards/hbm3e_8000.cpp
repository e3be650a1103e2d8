// SPDX-License-Identifier: Apache-2.0
#include "standards.hpp"

namespace duet::core::dram {

// HBM3E at 8.0 Gb/s (JESD238): 16 channels x 2 pseudo channels of 32 bit, BL8, CK = rate / 4, so
// 1.024 TB/s a stack. 24 GB in 8 dies: 2 SIDs, 1 KB pages, 24 Gb dies with 24576 rows a bank.
// Public timing: tCCD_S 2 CK, tCCD_L max(4 CK, 2.5 ns), tRFCab 450 ns for 12 Gb a channel, tRFCpb
// 200 ns, tREFI 3.9 us, tRREFD max(3 CK, 8 ns). Row timings are *assumed* everywhere: the
// nanoseconds of the HBM3 preset, rounded up to this clock.
const DramStandard& hbm3e_8000() {
  static const DramStandard standard{
      .name = "hbm3e_8000",
      .text = "HBM3E 8.0 Gb/s, 16 channels x 2 pseudo channels of 32 bit, 24 GB in 8 dies (JESD238)",
      .organisation = {.channels_per_stack = 16,
                       .pseudo_channels = 2,
                       .ranks = 2,
                       .bank_groups = 4,
                       .banks_per_group = 4,
                       .rows = 24576,
                       .bursts_per_row = 32,
                       .burst_bytes = 32},
      .timing = {.tck_ps = 500,
                 .burst = 2,
                 .read_latency = 25,   // *assumed*, 12.5 ns
                 .write_latency = 13,  // *assumed*, 6.25 ns
                 .rcd_read = 39,       // *assumed*, 19.4 ns
                 .rcd_write = 19,      // *assumed*, 9.4 ns
                 .rp = 33,             // *assumed*, 16.3 ns
                 .ras = 57,            // *assumed*, 28.1 ns
                 .rc = 90,             // *assumed*, 45 ns
                 .wr = 42,             // *assumed*, 20.6 ns
                 .rtp = 12,            // *assumed*, 5.6 ns
                 .ccd_s = 2,
                 .ccd_l = 5,
                 .ccd_r = 3,      // *assumed*: one clock more than ccd_s, as in HBM3
                 .rrd_s = 5,      // *assumed*, 2.5 ns
                 .rrd_l = 7,      // *assumed*, 3.1 ns
                 .faw = 30,       // *assumed*, 15 ns
                 .wtr_s = 9,      // *assumed*, 4.4 ns
                 .wtr_l = 13,     // *assumed*, 6.3 ns
                 .rd_to_wr = 25,  // *assumed*, 12.5 ns
                 .ppd = 2,        // *assumed*
                 .refi = 7800,
                 .rfc_all_bank = 900,
                 .rfc_per_bank = 400,
                 .rrefd = 16,
                 .refi_per_bank = 243,  // refi / 32 banks
                 .split_command_bus = true,
                 .act_bus_clocks = 2},
      // *assumed*: the HBM2 split of O'Connor et al. (MICRO 2017) at 3.7 pJ/bit in all.
      .energy = {.act_pre_pj = 900,
                 .read_pj = 720,
                 .write_pj = 720,
                 .refresh_all_pj = 14500,
                 .refresh_bank_pj = 900,
                 .background_mw = 15},
      .idle_latency_ps = 250'000,
      .default_mapping = "column=5,9-12 pseudo_channel=6 bank_group=7-8 bank=13-14 rank=15 row=16-30",
      .mapping_a = ""};
  return standard;
}

}  // namespace duet::core::dram
