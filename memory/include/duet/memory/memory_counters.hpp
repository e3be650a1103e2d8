// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "duet/core/dram_standard.hpp"
#include "duet/core/statistics.hpp"

namespace duet::memory {

/// What a memory did. At the `stream` level the command counts are those that the pattern of bulk
/// transfers implies; at the `command` level they are counted one by one.
struct MemoryCounters {
  uint64_t read_requests = 0;
  uint64_t write_requests = 0;
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  uint64_t read_bursts = 0;
  uint64_t write_bursts = 0;
  uint64_t activates = 0;
  uint64_t row_hits = 0;
  uint64_t refreshes_all_bank = 0;
  uint64_t refreshes_per_bank = 0;
  uint64_t busy_ps = 0;  ///< sum over the pseudo channels' data buses
  uint64_t errors = 0;   ///< requests answered with an error response

  /// Energy of the commands so far in pJ, without background.
  [[nodiscard]] double command_energy_pj(const core::DramEnergy& energy) const;
  MemoryCounters& operator+=(const MemoryCounters& other);
};

/// Adds every counter under "<prefix>.". `counters` must be callable as long as the registry is read.
void register_counters(core::StatisticsRegistry& registry, const std::string& prefix,
                       const core::DramEnergy& energy, std::function<MemoryCounters()> counters);

}  // namespace duet::memory
