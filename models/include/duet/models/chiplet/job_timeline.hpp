// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/core/clock.hpp"
#include "duet/models/chiplet/step_plan.hpp"

namespace duet::models {

/// When the arrays worked on each cycle of an operation: within a step cycle follows cycle, between steps the
/// arrays stand still until operands have come and there is room for results.
class JobTimeline {
 public:
  JobTimeline(const core::Clock& clock, const StepPlan& plan, uint64_t cycles)
      : clock_(clock), plan_(plan), total_ps_(clock.edge_ps(cycles)) {}

  /// The arrays begin with the next step.
  void begin_step(uint64_t now_ps) { begin_ps_.push_back(now_ps); }

  /// Cycles may be asked for in rising order only.
  [[nodiscard]] uint64_t at(uint64_t cycle) {
    const uint64_t worked_ps = clock_.edge_ps(cycle);
    while (step_ + 1 < begin_ps_.size() && plan_.before(total_ps_, step_ + 1) <= worked_ps) ++step_;
    return begin_ps_[step_] + worked_ps - plan_.before(total_ps_, step_);
  }

 private:
  core::Clock clock_;
  const StepPlan& plan_;
  uint64_t total_ps_;
  std::vector<uint64_t> begin_ps_;
  unsigned step_ = 0;
};

}  // namespace duet::models
