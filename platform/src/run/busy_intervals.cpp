// SPDX-License-Identifier: Apache-2.0
#include "busy_intervals.hpp"

#include <algorithm>

namespace duet::platform {

void BusyIntervals::add(uint64_t begin_ps, uint64_t end_ps) {
  intervals_.push_back({begin_ps, end_ps, 1});
  if (intervals_.size() >= 4 * most_) (void)intervals();
}

const std::vector<BusyIntervals::Interval>& BusyIntervals::intervals() {
  std::ranges::sort(intervals_, {}, &Interval::begin_ps);
  join();
  while (intervals_.size() > most_) {
    gap_ps_ = gap_ps_ == 0 ? 1000 : gap_ps_ * 2;
    join();
  }
  return intervals_;
}

void BusyIntervals::join() {
  size_t kept = 0;
  for (const Interval& interval : intervals_) {
    if (kept > 0 && interval.begin_ps <= intervals_[kept - 1].end_ps + gap_ps_) {
      Interval& last = intervals_[kept - 1];
      last.end_ps = std::max(last.end_ps, interval.end_ps);
      last.count += interval.count;
    } else {
      intervals_[kept++] = interval;
    }
  }
  intervals_.resize(kept);
}

}  // namespace duet::platform
