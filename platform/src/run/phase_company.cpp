// SPDX-License-Identifier: Apache-2.0
#include "phase_company.hpp"

#include <algorithm>

#include "phase_details.hpp"

namespace duet::platform {
namespace {

// The user is asked and told so often; how long a slice of simulated time takes is not known before.
constexpr std::chrono::milliseconds shortest_slice{20};
constexpr std::chrono::milliseconds longest_slice{100};
constexpr uint64_t least_slice_ps = 1'000;
constexpr uint64_t most_slice_ps = 1'000'000'000'000;

}  // namespace

PhaseCompany::PhaseCompany(const PhaseJob& job, Simulation& simulation, const RunObserver& observer)
    : simulation_(simulation), observer_(observer), watchers_(observer.watchers) {
  if (observer.timeline_events > 0) {
    details_ = std::make_unique<PhaseDetails>(observer.timeline_events);
    watchers_.push_back(details_.get());
  }
  for (const auto& queue : job.simulated.queues) descriptors_ += queue.size();
  progress_.batch = job.batch;
  progress_.phase = job.simulated.phase == workload::Phase::decode ? "decode" : "prefill";
  progress_.phase_begins = true;
  for (PhaseWatcher* watcher : watchers_) watcher->begin(simulation, job);
  simulation.set_pace([this](uint64_t now_ps, size_t done) { return pace(now_ps, done); });
}

PhaseCompany::~PhaseCompany() {
  if (ended_) return;
  for (PhaseWatcher* watcher : watchers_) watcher->interrupted(simulation_);
}

void PhaseCompany::end(const ProgramRun& run, PhaseResult& result) {
  ended_ = true;
  for (PhaseWatcher* watcher : watchers_) watcher->end(simulation_, run, result);
}

uint64_t PhaseCompany::pace(uint64_t now_ps, size_t descriptors_done) {
  if (observer_.stop && observer_.stop()) throw Interrupted("interrupted");
  if (observer_.progress) {
    progress_.phase_share =
        static_cast<double>(descriptors_done) / static_cast<double>(std::max<size_t>(descriptors_, 1));
    observer_.progress(progress_);
    progress_.phase_begins = false;
  }
  adapt_slice();
  uint64_t next_ps = now_ps + slice_ps_;
  for (PhaseWatcher* watcher : watchers_) next_ps = std::min(next_ps, watcher->look(now_ps));
  return next_ps;
}

void PhaseCompany::adapt_slice() {
  const auto now = std::chrono::steady_clock::now();
  const auto took = now - slice_began_;
  slice_began_ = now;
  if (took < shortest_slice) slice_ps_ = std::min(slice_ps_ * 2, most_slice_ps);
  if (took > longest_slice) slice_ps_ = std::max(slice_ps_ / 2, least_slice_ps);
}

}  // namespace duet::platform
