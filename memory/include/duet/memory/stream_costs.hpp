// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/core/memory_description.hpp"

namespace duet::memory {

/// Costs of bulk transfers on one channel (its pseudo channels together), in ps, derived from the device's
/// timing and the controller's queues when the node is built.
struct StreamCosts {
  explicit StreamCosts(const core::MemoryDescription& memory);

  uint64_t read_latency_ps;      ///< idle read: request to first data at the node's port
  uint64_t write_latency_ps;     ///< idle write: request to acknowledgement
  double burst_ps;               ///< one burst on the data bus
  double refresh_stretch;        ///< > 1: time per byte with refresh against without
  uint64_t queue_wait_ps;        ///< longest wait of a small request behind the controller's queue
  uint64_t turnaround_ps;        ///< data bus idle for one read-write-read pair of switches
  uint64_t drain_bytes;          ///< writes that one drain of the write queue moves together
  uint64_t row_set_bytes;        ///< consecutive bytes of a channel that need each bank once
  uint64_t row_bytes;            ///< of one bank
  double row_set_stall_ps;       ///< data bus idle when a stream moves to the next set of rows
  double scattered_row_ps;       ///< least time between unrelated rows (tRRD, tFAW, bank conflicts)
  double activates_per_byte;     ///< of a sequential stream
  uint64_t refresh_interval_ps;  ///< of one unit (rank or pseudo channel), 0 = none
  uint32_t refreshed_units;      ///< of one channel
  bool refresh_per_bank;
  uint32_t burst_bytes;
};

}  // namespace duet::memory
