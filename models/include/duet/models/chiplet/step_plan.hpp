// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace duet::models {

/// How a descriptor's work is cut into steps, equally large but for rounding.
class StepPlan {
 public:
  explicit StepPlan(unsigned steps) : steps_(steps) {}

  [[nodiscard]] unsigned steps() const { return steps_; }

  /// The part of `total` that belongs to `step`; the parts of all steps add up to `total`.
  [[nodiscard]] uint64_t part(uint64_t total, unsigned step) const {
    return before(total, step + 1) - before(total, step);
  }
  /// The part of `total` (below 2^54) that belongs to the steps before `step`.
  [[nodiscard]] uint64_t before(uint64_t total, unsigned step) const { return total * step / steps_; }

 private:
  unsigned steps_;
};

}  // namespace duet::models
