// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <memory>
#include <vector>

#include "duet/platform/run/phase_watcher.hpp"

namespace duet::platform {

/// Those who look on while a phase is simulated: the observer's watchers, the collector of details, and
/// the user who waits for progress or wants to stop.
class PhaseCompany {
 public:
  PhaseCompany(const PhaseJob& job, Simulation& simulation, const RunObserver& observer);
  /// Tells the watchers if the run did not come to its end.
  ~PhaseCompany();
  PhaseCompany(const PhaseCompany&) = delete;
  PhaseCompany& operator=(const PhaseCompany&) = delete;

  /// One more who looks on; has to stay until the end.
  void add(PhaseWatcher& watcher, const PhaseJob& job) {
    watchers_.push_back(&watcher);
    watcher.begin(simulation_, job);
  }
  void end(const ProgramRun& run, PhaseResult& result);

 private:
  uint64_t pace(uint64_t now_ps, size_t descriptors_done);
  void adapt_slice();

  Simulation& simulation_;
  const RunObserver& observer_;
  std::unique_ptr<PhaseWatcher> details_;
  std::vector<PhaseWatcher*> watchers_;
  bool ended_ = false;
  size_t descriptors_ = 0;
  RunProgress progress_;
  uint64_t slice_ps_ = 1'000'000;
  std::chrono::steady_clock::time_point slice_began_ = std::chrono::steady_clock::now();
};

}  // namespace duet::platform
