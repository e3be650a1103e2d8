// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <vector>

#include "duet/memory/command/channel_controller.hpp"
#include "duet/memory/trace_runner.hpp"

namespace duet::memory {

/// Distribution of one latency in ns; all 0 when there was no request of the kind.
struct LatencySummary {
  size_t requests = 0;
  double mean_ns = 0;
  double p50_ns = 0, p90_ns = 0, p99_ns = 0;
  double max_ns = 0;
};

/// Figures of one trace run on one channel.
struct TraceSummary {
  size_t requests = 0;
  double sim_time_ns = 0;  ///< time 0 to the end of the last burst
  double bandwidth_gbps = 0;
  double peak_gbps = 0;  ///< of the channel
  LatencySummary read_from_offer, read_from_acceptance;
  LatencySummary write_from_offer, write_from_acceptance;
  double row_hit_rate = 0;               ///< column commands whose row was open for them already
  std::vector<double> bank_utilisation;  ///< share of the time that a bank's data were on the bus
  std::array<double, 5> energy_pj{};     ///< act_pre, read, write, refresh, background
  MemoryCounters counters;
};

inline constexpr std::array<const char*, 5> energy_names{"act_pre", "read", "write", "refresh", "background"};

TraceSummary summarise(const ChannelController& controller, const std::vector<TraceRequest>& trace,
                       const std::vector<TraceOutcome>& outcomes, const core::DramStandard& standard);

}  // namespace duet::memory
