// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/scheduler.hpp"

namespace duet::memory {
namespace {

class FcfsScheduler : public Scheduler {
 public:
  uint32_t choose(const RequestQueue& queue, uint32_t bank, int64_t /*open_row*/,
                  Cycle /*now*/) const override {
    const uint32_t oldest = queue.oldest();
    return oldest != RequestQueue::none && queue[oldest].bank == bank ? oldest : RequestQueue::none;
  }
  bool couples_banks() const override { return true; }
};

}  // namespace

std::unique_ptr<Scheduler> make_fcfs_scheduler() {
  return std::make_unique<FcfsScheduler>();
}

std::unique_ptr<Scheduler> make_scheduler(const core::MemoryDescription& memory) {
  switch (memory.scheduler) {
    case core::SchedulerKind::fcfs:
      return make_fcfs_scheduler();
    case core::SchedulerKind::frfcfs:
      break;
  }
  return make_frfcfs_scheduler(memory.starvation_clocks);
}

}  // namespace duet::memory
