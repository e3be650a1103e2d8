// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace duet::core {

/// What a DRAM device of one standard is made of. A stack (or package) has channels, each with
/// pseudo channels that own a data bus; the ranks (dies, SIDs) of a pseudo channel share that bus.
struct DramOrganisation {
  uint32_t channels_per_stack = 1;
  uint32_t pseudo_channels = 1;   ///< of a channel; 1 where the standard has none
  uint32_t ranks = 1;             ///< ranks or stack ids (SID) of a pseudo channel
  uint32_t bank_groups = 1;       ///< of a rank
  uint32_t banks_per_group = 16;  ///< banks of a bank group
  uint32_t rows = 16384;          ///< of a bank; need not be a power of two
  uint32_t bursts_per_row = 64;   ///< column accesses of a row
  uint32_t burst_bytes = 32;      ///< bytes of one column access

  [[nodiscard]] uint32_t banks_per_rank() const { return bank_groups * banks_per_group; }
  [[nodiscard]] uint32_t banks_per_pseudo_channel() const { return ranks * banks_per_rank(); }
  [[nodiscard]] uint64_t row_bytes() const { return uint64_t{bursts_per_row} * burst_bytes; }
  [[nodiscard]] uint64_t pseudo_channel_bytes() const {
    return uint64_t{banks_per_pseudo_channel()} * rows * row_bytes();
  }
  [[nodiscard]] uint64_t channel_bytes() const { return pseudo_channels * pseudo_channel_bytes(); }
  [[nodiscard]] uint64_t stack_bytes() const { return channels_per_stack * channel_bytes(); }
};

/// Minimum distances between commands, in clocks of `tck_ps`. The names are those of JEDEC without
/// the leading t or n. 0 means that the standard has no such rule. A command that takes several
/// clocks on its bus counts from its last one, so its data come that much later.
struct DramTiming {
  uint32_t tck_ps = 1000;             ///< clock of the command bus
  uint32_t burst = 2;                 ///< clocks of one column access on the data bus
  uint32_t read_latency = 14;         ///< RL: RD to first data
  uint32_t write_latency = 5;         ///< WL: WR to first data
  uint32_t rcd_read = 14;             ///< ACT to RD
  uint32_t rcd_write = 14;            ///< ACT to WR
  uint32_t rp = 14;                   ///< PRE to ACT
  uint32_t ras = 34;                  ///< ACT to PRE
  uint32_t rc = 48;                   ///< ACT to ACT of a bank
  uint32_t wr = 16;                   ///< end of write data to PRE
  uint32_t rtp = 5;                   ///< RD to PRE
  uint32_t ccd_s = 2;                 ///< column to column command, other bank group
  uint32_t ccd_l = 4;                 ///< the same within the long scope (see `long_scope_is_bank`)
  uint32_t ccd_r = 0;                 ///< the same between ranks; 0 = ccd_s
  uint32_t rrd_s = 4;                 ///< ACT to ACT, other bank group
  uint32_t rrd_l = 4;                 ///< ACT to ACT, same bank group
  uint32_t faw = 16;                  ///< window of four ACTs of a rank; 0 = no such rule
  uint32_t wtr_s = 6;                 ///< end of write data to RD, other bank group
  uint32_t wtr_l = 8;                 ///< the same within the long scope
  uint32_t rd_to_wr = 13;             ///< RD to WR of a pseudo channel
  uint32_t ppd = 0;                   ///< PRE to PRE; 0 = no such rule
  uint32_t refi = 3900;               ///< mean interval of all-bank refreshes of a rank
  uint32_t rfc_all_bank = 260;        ///< REFab to the next command of the rank
  uint32_t rfc_per_bank = 0;          ///< REFpb to the next command of that bank; 0 = no REFpb
  uint32_t rrefd = 0;                 ///< REFpb to REFpb or ACT of another bank
  uint32_t refi_per_bank = 0;         ///< mean interval of REFpb of a pseudo channel
  bool long_scope_is_bank = false;    ///< ccd_l, wtr_l and rrd_l hold within a bank, not a bank group
  bool split_command_bus = false;     ///< row and column commands have a bus each
  uint32_t act_bus_clocks = 1;        ///< clocks that an ACT occupies its command bus
  uint32_t column_bus_clocks = 1;     ///< clocks that a RD or WR occupies its command bus
  uint32_t refresh_postpone_max = 8;  ///< refreshes that may be owed at any time
};

/// Energy of each command in pJ, of all devices of the (pseudo) channel that answer it.
struct DramEnergy {
  double act_pre_pj = 0;       ///< one ACT with its PRE
  double read_pj = 0;          ///< one RD burst, with input/output
  double write_pj = 0;         ///< one WR burst, with input/output
  double refresh_all_pj = 0;   ///< one REFab of a rank
  double refresh_bank_pj = 0;  ///< one REFpb
  double background_mw = 0;    ///< standby power of a pseudo channel
};

/// One standard at one speed. Each lives in a data file of its own in core/src/dram_standards/.
struct DramStandard {
  std::string name;  ///< "hbm3e_8000"
  std::string text;  ///< one line: device, rate, sources
  DramOrganisation organisation;
  DramTiming timing;
  DramEnergy energy;
  uint64_t idle_latency_ps = 0;  ///< of a node: request to first data; 0 = what the device alone takes
  std::string default_mapping;   ///< bit fields of a channel, see AddressMapping
  std::string mapping_a;         ///< the peers' "mapA", empty where they give none

  /// Bytes/s of a pseudo channel's data bus.
  [[nodiscard]] double pseudo_channel_bytes_per_second() const {
    return organisation.burst_bytes * 1e12 / (double{1} * timing.burst * timing.tck_ps);
  }
  /// Bytes/s of a stack.
  [[nodiscard]] double stack_bytes_per_second() const {
    return pseudo_channel_bytes_per_second() * organisation.pseudo_channels * organisation.channels_per_stack;
  }
  /// Read of a closed row on an idle device, from offer to the end of the burst, in ps. The first
  /// command issues one clock after the offer.
  [[nodiscard]] uint64_t device_read_latency_ps() const {
    return uint64_t{timing.tck_ps} *
           (timing.act_bus_clocks + timing.rcd_read + timing.read_latency + timing.burst);
  }
  /// The same for a write, to the end of its data on the bus.
  [[nodiscard]] uint64_t device_write_latency_ps() const {
    return uint64_t{timing.tck_ps} *
           (timing.act_bus_clocks + timing.rcd_write + timing.write_latency + timing.burst);
  }
};

/// The standard of this name. Throws UserError that lists the known names.
const DramStandard& dram_standard(std::string_view name);

/// All known standards, in a fixed order.
const std::vector<const DramStandard*>& dram_standards();

}  // namespace duet::core
