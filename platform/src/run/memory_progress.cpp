// SPDX-License-Identifier: Apache-2.0
#include "memory_progress.hpp"

#include <algorithm>

namespace duet::platform {
namespace {

// Of a phase that takes the predicted time. When there are twice as many, every other one is forgotten.
constexpr size_t looks_per_phase = 512;

}  // namespace

void MemoryProgress::begin(Simulation& simulation, const PhaseJob& job) {
  simulation_ = &simulation;
  package_ = job.package.index;
  double predicted_s = 0;
  for (const workload::StagePlan& stage : job.simulated.stages) predicted_s += stage.predicted_s();
  interval_ps_ = std::max<uint64_t>(1, static_cast<uint64_t>(predicted_s / double{looks_per_phase} * 1e12));
}

double MemoryProgress::bytes() const {
  double sum = 0;
  for (const auto& chiplet : simulation_->package(package_).chiplets())
    sum += static_cast<double>(chiplet->data_initiator.bytes_read());
  for (const auto& memory : simulation_->package(package_).memories())
    sum += static_cast<double>(memory->counters().bytes_written);
  return sum;
}

uint64_t MemoryProgress::look(uint64_t now_ps) {
  if (now_ps >= next_ps_) {
    looks_.emplace_back(static_cast<double>(now_ps), bytes());
    if (looks_.size() >= 2 * looks_per_phase) thin_out();
    next_ps_ = now_ps + interval_ps_;
  }
  return next_ps_;
}

void MemoryProgress::thin_out() {
  size_t kept = 0;
  for (size_t i = 0; i < looks_.size(); i += 2) looks_[kept++] = looks_[i];
  looks_.resize(kept);
  interval_ps_ *= 2;
}

double MemoryProgress::time_ps(double share) const {
  const double bytes = share * looks_.back().second;
  const auto after = std::ranges::lower_bound(looks_, bytes, {}, &std::pair<double, double>::second);
  if (after == looks_.begin()) return after->first;
  const auto& [begin_ps, begin_bytes] = *(after - 1);
  const auto& [end_ps, end_bytes] = *after;
  return begin_ps + (end_ps - begin_ps) * (bytes - begin_bytes) / (end_bytes - begin_bytes);
}

}  // namespace duet::platform
