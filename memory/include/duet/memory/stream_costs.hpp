// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "duet/core/memory_description.hpp"

namespace duet::memory {

/// Costs of bulk transfers on one channel (its pseudo channels together), derived from the device's
/// timing and the controller's queues when the node is built. Times in ps.
///
/// A *row set* is the range of consecutive channel addresses that needs each of its banks once.
struct StreamCosts {
  explicit StreamCosts(const core::MemoryDescription& memory);

  /// What reads and writes do differently.
  struct Direction {
    uint64_t latency_ps;   ///< idle access of a closed row: request to data (or acknowledgement)
    double open_ps;        ///< ACT to column command: what an open row saves
    double row_change_ps;  ///< PRE, ACT and column command: what the queue has to hide
    double reopen_ps;      ///< end of a row's last data to first data of another row of its bank
  };
  Direction read, write;
  double burst_ps;           ///< one burst on the data bus
  double refresh_stretch;    ///< >= 1: time per byte with all-bank refresh against without
  uint64_t queue_wait_ps;    ///< longest wait of a small request behind the controller's queue
  double bank_cycle_ps;      ///< what tRC adds to a row set whose banks follow themselves
  double exposed_rows_ps;    ///< rows that one pair of switches finds closed, beyond its turn-around
  double turnaround_ps;      ///< data bus idle for one read-write-read pair of switches
  uint64_t drain_bytes;      ///< writes that one drain of the write queue moves together
  double drains_per_switch;  ///< most drains that reads and a long write after them share
  double jump_ramp_ps;       ///< data bus idle while the rows after a jump open one by one
  double close_ps;           ///< PRE to ACT
  double act_spacing_ps;     ///< between row openings: tRRD, tFAW, row command bus
  uint64_t row_set_bytes;
  uint64_t stripe_bytes;  ///< consecutive bytes on one bank before the address moves to the next
  uint32_t row_set_banks;
  uint32_t bank_sets;                   ///< row sets that lie in different banks
  uint32_t queue_bursts;                ///< read entries of the controller
  double refresh_busy_ps;               ///< how long a refresh keeps its banks
  std::vector<double> refresh_wait_ps;  ///< mean wait of an idle transfer that touches n banks
  uint64_t refresh_interval_ps;         ///< of one unit (rank or pseudo channel), 0 = none
  uint32_t refreshed_units;             ///< of one channel
  bool refresh_per_bank;
  uint32_t burst_bytes;

  [[nodiscard]] const Direction& of(bool is_write) const { return is_write ? write : read; }
  /// Banks of a row set that `bytes` consecutive bytes touch.
  [[nodiscard]] uint32_t banks_touched(uint64_t bytes) const {
    return static_cast<uint32_t>(
        std::min<uint64_t>(row_set_banks, (bytes + stripe_bytes - 1) / stripe_bytes));
  }
};

}  // namespace duet::memory
