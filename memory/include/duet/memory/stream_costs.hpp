// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/memory/address_mapping.hpp"

namespace duet::memory {

/// What the `stream` level needs of the device's timing and the controller's queues, worked out once when a
/// node is built. Times in ps.
///
/// A *row set* is the range of consecutive channel addresses that needs each of its banks once; its *stripes*
/// go to its banks in turn. The pseudo channels of a channel work in step: a bank here is that bank of each.
struct StreamCosts {
  explicit StreamCosts(const core::MemoryDescription& memory);

  /// What reads and writes do differently.
  struct Direction {
    int64_t open_ps;        ///< ACT to column command
    int64_t close_ps;       ///< end of the last column slot to PRE
    int64_t tail_ps;        ///< column command to data at the port, or acknowledgement
    uint32_t queue_bursts;  ///< entries of the controller
  };
  Direction read, write;
  int64_t front_ps;  ///< request at the node to its first possible command
  int64_t back_ps;   ///< end of a burst on the DRAM's bus to the port
  int64_t clock_ps;
  int64_t slot_ps;               ///< column command to column command on one data bus
  int64_t long_slot_ps;          ///< the same within one bank group (or bank)
  double burst_ps;               ///< slot a burst of the channel, with its share of all-bank refresh
  int64_t precharge_ps;          ///< PRE to ACT
  int64_t row_cycle_ps;          ///< ACT to ACT of a bank
  int64_t act_spacing_ps;        ///< ACT to ACT of a rank
  int64_t act_window_ps;         ///< of four ACTs of a rank
  int64_t act_bus_ps;            ///< row command bus for a PRE and an ACT in each pseudo channel
  int64_t read_to_write_ps;      ///< RD to WR
  int64_t write_to_read_ps;      ///< WR to RD
  uint32_t high_watermark;       ///< bursts of the write queue above which it drains
  uint32_t low_watermark;        ///< to this
  uint32_t drain_bursts;         ///< fewest reads between two drains
  int64_t refresh_busy_ps;       ///< how long a refresh keeps its banks
  int64_t refresh_wait_ps;       ///< all-bank: mean wait of an idle transfer
  uint64_t refresh_interval_ps;  ///< of one unit (rank or pseudo channel), 0 = none
  uint32_t refreshed_units;      ///< of one channel
  bool refresh_per_bank;
  uint32_t burst_bytes;
  uint32_t pseudo_channels;
  uint32_t banks;  ///< of a pseudo channel
  uint32_t banks_per_rank;
  uint32_t row_set_banks;
  uint64_t row_set_bytes;
  uint64_t stripe_bytes;              ///< consecutive bytes on one bank before the address moves to the next
  std::vector<uint32_t> stripe_bank;  ///< bank of each stripe of the row set at 0, as an XOR
  AddressMapping mapping;

  [[nodiscard]] const Direction& of(bool is_write) const { return is_write ? write : read; }
  /// Bank of a pseudo channel.
  [[nodiscard]] uint32_t bank_of(const DramAddress& place) const {
    return (place.rank * groups + place.bank_group) * banks_per_group + place.bank;
  }
  uint32_t groups, banks_per_group;
};

}  // namespace duet::memory
