// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "busy_intervals.hpp"
#include "duet/platform/run/phase_watcher.hpp"
#include "package_activity.hpp"

namespace duet::platform {

/// Collects what the charts over time need: the timeline (engines, links, memory nodes, driver, hand-over)
/// and the utilisation over time.
class PhaseDetails : public PhaseWatcher {
 public:
  /// `most_events` of engines; the others are counted as dropped.
  explicit PhaseDetails(size_t most_events) : most_events_(most_events) {}

  void begin(Simulation& simulation, const PhaseJob& job) override;
  uint64_t look(uint64_t now_ps) override;
  void end(Simulation& simulation, const ProgramRun& run, PhaseResult& result) override;

 private:
  static constexpr size_t most_samples = 240;
  static constexpr size_t most_intervals = 1000;

  struct Transfers {
    std::string track;
    BusyIntervals intervals{most_intervals};
  };

  void sample();
  void add_engines(const ProgramRun& run, PhaseResult& result) const;
  void add_intervals(Transfers& transfers, const char* name, const char* category, const ProgramRun& run,
                     PhaseResult& result) const;
  void add_loads(const ProgramRun& run, PhaseResult& result) const;
  void add_utilisation(const ProgramRun& run, PhaseResult& result) const;
  [[nodiscard]] std::vector<double> link_counts(size_t link) const;
  [[nodiscard]] std::vector<double> memory_counts(size_t memory) const;

  size_t most_events_;
  PackageModule* package_ = nullptr;
  const workload::Program* program_ = nullptr;
  uint64_t interval_ps_ = 1'000'000;
  std::vector<PackageActivity> samples_;
  Transfers driver_{"driver"};
  std::vector<std::unique_ptr<Transfers>> hand_overs_;
};

}  // namespace duet::platform
