// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/device_timing.hpp"
#include "duet/memory/command/scheduler.hpp"

namespace duet::memory {
namespace {

class FrfcfsScheduler : public Scheduler {
 public:
  explicit FrfcfsScheduler(Cycle starvation) : starvation_(starvation) {}

  uint32_t choose(const RequestQueue& queue, uint32_t bank, int64_t open_row, Cycle now) const override {
    const uint32_t oldest = queue.first(bank);
    if (oldest == RequestQueue::none || open_row == DeviceTiming::closed || queue[oldest].row == open_row ||
        now > queue[oldest].accepted + starvation_)
      return oldest;
    const uint32_t hit = queue.first_hit(bank, open_row);
    return hit != RequestQueue::none ? hit : oldest;
  }

 private:
  Cycle starvation_;
};

}  // namespace

std::unique_ptr<Scheduler> make_frfcfs_scheduler(Cycle starvation) {
  return std::make_unique<FrfcfsScheduler>(starvation);
}

}  // namespace duet::memory
