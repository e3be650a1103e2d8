// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/trace_summary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace duet::memory {
namespace {

/// Percentiles by the nearest-rank method.
LatencySummary latency_of(std::vector<Cycle> clocks, double clock_ns) {
  LatencySummary summary{.requests = clocks.size()};
  if (clocks.empty()) return summary;
  std::sort(clocks.begin(), clocks.end());
  const auto rank = [&](double share) {
    const auto at = static_cast<size_t>(std::ceil(share * static_cast<double>(clocks.size())));
    return static_cast<double>(clocks[std::max<size_t>(at, 1) - 1]) * clock_ns;
  };
  const Cycle sum = std::accumulate(clocks.begin(), clocks.end(), Cycle{0});
  summary.mean_ns = static_cast<double>(sum) * clock_ns / static_cast<double>(clocks.size());
  summary.p50_ns = rank(0.5);
  summary.p90_ns = rank(0.9);
  summary.p99_ns = rank(0.99);
  summary.max_ns = static_cast<double>(clocks.back()) * clock_ns;
  return summary;
}

}  // namespace

TraceSummary summarise(const ChannelController& controller, const std::vector<TraceRequest>& trace,
                       const std::vector<TraceOutcome>& outcomes, const core::DramStandard& standard) {
  const double clock_ns = standard.timing.tck_ps * 1e-3;
  TraceSummary summary;
  summary.requests = trace.size();
  std::array<std::vector<Cycle>, 2> from_offer, from_acceptance;
  Cycle end = 0;
  for (size_t index = 0; index < trace.size(); ++index) {
    const TraceOutcome& outcome = outcomes[index];
    from_offer[trace[index].write ? 1 : 0].push_back(outcome.done - outcome.offered);
    from_acceptance[trace[index].write ? 1 : 0].push_back(outcome.done - outcome.accepted);
    end = std::max(end, outcome.done);
  }
  summary.read_from_offer = latency_of(std::move(from_offer[0]), clock_ns);
  summary.read_from_acceptance = latency_of(std::move(from_acceptance[0]), clock_ns);
  summary.write_from_offer = latency_of(std::move(from_offer[1]), clock_ns);
  summary.write_from_acceptance = latency_of(std::move(from_acceptance[1]), clock_ns);

  const MemoryCounters& counters = controller.counters();
  summary.counters = counters;
  summary.sim_time_ns = static_cast<double>(end) * clock_ns;
  summary.peak_gbps =
      standard.pseudo_channel_bytes_per_second() * standard.organisation.pseudo_channels * 1e-9;
  const double bytes = static_cast<double>(trace.size()) * standard.organisation.burst_bytes;
  if (end > 0) summary.bandwidth_gbps = bytes / summary.sim_time_ns;
  const uint64_t bursts = counters.read_bursts + counters.write_bursts;
  if (bursts > 0) summary.row_hit_rate = static_cast<double>(counters.row_hits) / static_cast<double>(bursts);
  for (const uint64_t count : controller.bank_bursts()) {
    summary.bank_utilisation.push_back(
        end == 0 ? 0.0 : static_cast<double>(count * standard.timing.burst) / static_cast<double>(end));
  }
  const core::DramEnergy& energy = standard.energy;
  summary.energy_pj = {
      static_cast<double>(counters.activates) * energy.act_pre_pj,
      static_cast<double>(counters.read_bursts) * energy.read_pj,
      static_cast<double>(counters.write_bursts) * energy.write_pj,
      static_cast<double>(counters.refreshes_all_bank) * energy.refresh_all_pj +
          static_cast<double>(counters.refreshes_per_bank) * energy.refresh_bank_pj,
      energy.background_mw * summary.sim_time_ns * standard.organisation.pseudo_channels,  // mW x ns = pJ
  };
  return summary;
}

}  // namespace duet::memory
