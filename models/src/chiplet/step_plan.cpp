// SPDX-License-Identifier: Apache-2.0
#include "duet/models/chiplet/step_plan.hpp"

#include <algorithm>

namespace duet::models {
namespace {

// The smallest step of a long descriptor is 1/64 of a middle one: below that the time of one step
// vanishes against the latency of its transfers.
constexpr unsigned longest_ramp = 6;

}  // namespace

StepPlan::StepPlan(unsigned steps) {
  cumulative_.push_back(0);
  const unsigned ramp = std::min(longest_ramp, (steps - 1) / 3);
  for (unsigned step = 0; step < steps; ++step) {
    const unsigned from_end = std::min(step, steps - 1 - step);
    const uint64_t weight = 1ull << std::min(from_end, ramp);
    cumulative_.push_back(cumulative_.back() + weight);
  }
}

}  // namespace duet::models
