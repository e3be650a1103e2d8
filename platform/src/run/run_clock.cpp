// SPDX-License-Identifier: Apache-2.0
#include "run_clock.hpp"

namespace duet::platform {
namespace {

std::vector<unsigned> phase_kinds(std::size_t points, unsigned contexts) {
  std::vector<unsigned> kinds;
  for (std::size_t i = 0; i < points; ++i) {
    kinds.push_back(0);
    kinds.insert(kinds.end(), contexts, 1);
  }
  return kinds;
}

}  // namespace

RunClock::RunClock(const std::vector<std::uint64_t>& batches, unsigned contexts, const RunObserver& observer)
    : points_(batches.size()),
      phases_of_point_(1 + contexts),
      observer_(observer),
      tell_(observer.progress),
      remaining_(phase_kinds(points_, contexts)) {
  if (tell_) observer_.progress = [this](const RunProgress& progress) { complete(progress); };
}

double RunClock::now_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from_).count();
}

void RunClock::complete(RunProgress progress) {
  if (progress.phase_begins) {
    if (phase_ > 0) remaining_.end(now_s());
    remaining_.begin(now_s());
    ++phase_;
  }
  progress.point = point_;
  progress.points = points_;
  progress.remaining_s = remaining_.seconds(progress.phase_share, now_s());
  tell_(progress);
}

void RunClock::point_done(std::uint64_t batch, double wall_s) {
  if (phase_ > 0) remaining_.end(now_s());
  if (tell_) {
    RunProgress progress;
    progress.batch = batch;
    progress.point = point_;
    progress.points = points_;
    progress.point_done = true;
    progress.point_wall_s = wall_s;
    tell_(progress);
  }
  ++point_;
  remaining_.skip_to(point_ * phases_of_point_);
  phase_ = 0;
}

}  // namespace duet::platform
