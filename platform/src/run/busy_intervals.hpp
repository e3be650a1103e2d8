// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace duet::platform {

/// The times in which anything was under way, in bounded memory: when there are too many intervals, those
/// with the smallest gaps between them become one.
class BusyIntervals {
 public:
  struct Interval {
    uint64_t begin_ps;
    uint64_t end_ps;
    uint64_t count;  ///< of what was added
  };

  explicit BusyIntervals(size_t most) : most_(most) {}

  void add(uint64_t begin_ps, uint64_t end_ps);
  /// Disjoint, in order of time, at most as many as the constructor said.
  [[nodiscard]] const std::vector<Interval>& intervals();

 private:
  void join();

  size_t most_;
  uint64_t gap_ps_ = 0;  ///< as close as this counts as one
  std::vector<Interval> intervals_;
};

}  // namespace duet::platform
