// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

#include "duet/platform/run/run_observer.hpp"
#include "remaining_time.hpp"

namespace duet::platform {

/// Completes the progress of a phase to that of a run of many batch sizes: which point, how much longer.
class RunClock {
 public:
  /// `contexts` decode steps follow each prefill.
  RunClock(const std::vector<std::uint64_t>& batches, unsigned contexts, const RunObserver& observer);
  RunClock(const RunClock&) = delete;
  RunClock& operator=(const RunClock&) = delete;

  /// The user's observer with the completed progress.
  [[nodiscard]] const RunObserver& observer() const { return observer_; }
  void point_done(std::uint64_t batch, double wall_s);

 private:
  void complete(RunProgress progress);
  [[nodiscard]] double now_s() const;

  std::size_t points_;
  std::size_t phases_of_point_;
  RunObserver observer_;
  std::function<void(const RunProgress&)> tell_;
  RemainingTime remaining_;
  std::size_t point_ = 0;
  std::size_t phase_ = 0;  ///< of the point, from 1; 0 before the first
  std::chrono::steady_clock::time_point from_ = std::chrono::steady_clock::now();
};

}  // namespace duet::platform
