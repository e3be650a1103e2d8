// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace duet::memory {

/// The entries of a controller's queue in use, as runs of bursts that leave it at a steady pace. Times in ps.
class StreamWindow {
 public:
  explicit StreamWindow(uint32_t entries) : entries_(entries) { runs_.reserve(entries + size_t{2}); }

  /// When there is room for one more burst, not before `earliest_ps`.
  int64_t admit(int64_t earliest_ps) {
    while (first_ < runs_.size() && used_ >= entries_) {
      Run& run = runs_[first_];
      const int64_t leave = std::min<int64_t>(used_ - entries_ + 1, run.bursts);
      run.bursts -= leave;
      used_ -= leave;
      earliest_ps = std::max(earliest_ps, run.end_ps - run.bursts * run.pace_ps);
      if (run.bursts == 0) ++first_;
    }
    return earliest_ps;
  }
  /// Bursts that are still in the queue at a time.
  [[nodiscard]] int64_t after(int64_t at_ps) const {
    int64_t bursts = 0;
    for (size_t index = runs_.size(); index-- > first_ && runs_[index].end_ps > at_ps;)
      bursts += std::min(runs_[index].bursts, (runs_[index].end_ps - at_ps) / runs_[index].pace_ps);
    return bursts;
  }
  /// When no more than `bursts` are left in the queue.
  [[nodiscard]] int64_t when(int64_t bursts) const {
    for (size_t index = runs_.size(); index-- > first_;) {
      const Run& run = runs_[index];
      if (run.bursts > bursts) return run.end_ps - bursts * run.pace_ps;
      bursts -= run.bursts;
    }
    return 0;
  }
  /// Bursts that were admitted and leave one after another, `pace_ps` apart, until `end_ps`.
  void add(int64_t bursts, int64_t pace_ps, int64_t end_ps) {
    if (first_ > static_cast<size_t>(entries_)) {
      runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    const Run run{end_ps, std::min(bursts, entries_), std::max<int64_t>(1, pace_ps)};
    used_ += run.bursts;
    auto at = runs_.end();
    while (at != runs_.begin() + static_cast<std::ptrdiff_t>(first_) && (at - 1)->end_ps > end_ps) --at;
    runs_.insert(at, run);
  }

 private:
  struct Run {
    int64_t end_ps;
    int64_t bursts;
    int64_t pace_ps;
  };
  int64_t entries_;
  int64_t used_ = 0;
  size_t first_ = 0;
  std::vector<Run> runs_;  // in the order of their ends
};

}  // namespace duet::memory
