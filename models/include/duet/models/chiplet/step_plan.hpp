// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace duet::models {

/// How a descriptor's work is cut into steps. Real arrays work tile by tile; steps stand for many
/// tiles, but the first and last steps of a descriptor are small (each twice its neighbour), so that
/// the time until the first tile starts and after the last one ends does not depend on how coarsely
/// the middle is simulated.
class StepPlan {
 public:
  explicit StepPlan(unsigned steps);

  [[nodiscard]] unsigned steps() const { return static_cast<unsigned>(cumulative_.size()) - 1; }

  /// The part of `total` that belongs to `step`; the parts of all steps add up to `total`.
  [[nodiscard]] uint64_t part(uint64_t total, unsigned step) const {
    return before(total, step + 1) - before(total, step);
  }
  /// The part of `total` (below 2^44) that belongs to the steps before `step`.
  [[nodiscard]] uint64_t before(uint64_t total, unsigned step) const {
    return total * cumulative_[step] / cumulative_.back();
  }

 private:
  std::vector<uint64_t> cumulative_;
};

}  // namespace duet::models
