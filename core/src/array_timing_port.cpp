// SPDX-License-Identifier: Apache-2.0
#include "duet/core/array_timing_port.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace duet::core {
namespace {

constexpr double q16_one = 65536.0;
constexpr size_t max_trains = 8;

uint64_t last_of(const DemandTrain& train) {
  return train.start + (train.count - 1) * train.interval;
}

uint64_t jumps_until(const DemandTrain& train, uint64_t step) {
  if (step < train.start) return 0;
  return std::min(train.count, (step - train.start) / train.interval + 1);
}

// Where the lead of the demand over the port can be largest: in a region in which the same trains
// are active it is linear along each train's jumps, so only the first and last jump of each train
// (and, if a train demands in every step, the steps just before them) have to be looked at.
class Search {
 public:
  Search(std::span<const DemandTrain> trains, int64_t rate, uint64_t last_step)
      : trains_(trains), rate_(rate), last_step_(last_step) {}

  int64_t largest_lead() {
    std::array<uint64_t, 2 * max_trains + 1> bounds{};
    size_t count = 0;
    uint64_t every_step = 0;
    for (const DemandTrain& train : trains_) {
      if (train.start <= last_step_) bounds[count++] = train.start;
      if (last_of(train) + 1 <= last_step_) bounds[count++] = last_of(train) + 1;
      if (train.interval == 1) every_step += train.bytes;
    }
    look_before_ = static_cast<int64_t>(every_step << 16) > rate_;
    std::sort(bounds.begin(), bounds.begin() + count);
    bounds[count++] = last_step_ + 1;
    for (size_t i = 0; i + 1 < count; ++i) {
      if (bounds[i] < bounds[i + 1]) region(bounds[i], bounds[i + 1] - 1);
    }
    return lead_;
  }

 private:
  void region(uint64_t first, uint64_t last) {
    look(first);
    look(last);
    for (const DemandTrain& train : trains_) {
      if (train.interval == 1 || train.start > last || last_of(train) < first) continue;
      const uint64_t from = train.start >= first ? 0 : (first - train.start - 1) / train.interval + 1;
      const uint64_t to = jumps_until(train, last);
      if (from >= to) continue;
      for (const uint64_t jump : {from, std::min(from + 1, to - 1), to - 1}) {
        const uint64_t step = train.start + jump * train.interval;
        look(step);
        if (look_before_ && step > first) look(step - 1);
      }
    }
  }

  void look(uint64_t step) {
    uint64_t bytes = 0;
    for (const DemandTrain& train : trains_) bytes += jumps_until(train, step) * train.bytes;
    lead_ = std::max(lead_, static_cast<int64_t>(bytes << 16) - static_cast<int64_t>(step + 1) * rate_);
  }

  std::span<const DemandTrain> trains_;
  int64_t rate_;
  uint64_t last_step_;
  bool look_before_ = false;
  int64_t lead_ = 0;
};

}  // namespace

PortRate PortRate::from(double bytes_per_second, double clock_hz) {
  if (!std::isfinite(bytes_per_second)) return unlimited();
  return PortRate{std::max<int64_t>(1, std::llround(bytes_per_second / clock_hz * q16_one))};
}

uint64_t port_stall_cycles(std::span<const DemandTrain> trains, PortRate rate, uint64_t last_step) {
  if (rate.is_unlimited()) return 0;
  std::array<DemandTrain, max_trains> active{};
  size_t count = 0;
  uint64_t together = 0;
  for (const DemandTrain& train : trains) {
    if (train.count == 0 || train.bytes == 0) continue;
    active[count++] = train;
    together += train.bytes;
  }
  if (static_cast<int64_t>(together << 16) <= rate.q16()) return 0;
  Search search({active.data(), count}, rate.q16(), last_step);
  return static_cast<uint64_t>((search.largest_lead() + rate.q16() - 1) / rate.q16());
}

void PortMeter::look(uint64_t step, uint64_t bytes) {
  excess_ = std::max(excess_, static_cast<int64_t>(bytes << 16) - static_cast<int64_t>(step + 1) * rate_);
}

void PortMeter::run(uint64_t passes, uint64_t beats, uint64_t beat_steps, uint64_t middle, uint64_t last,
                    uint64_t extra_first) {
  if (passes == 0) return;
  const uint64_t pass_bytes = (beats - 1) * middle + last + extra_first;
  const uint64_t pass_steps = beats * beat_steps;
  for (const uint64_t pass : {uint64_t{0}, passes - 1}) {
    const uint64_t bytes = bytes_ + pass * pass_bytes;
    const uint64_t step = steps_ + pass * pass_steps;
    if (beats > 1) {
      look(step, bytes + extra_first + middle);
      look(step + (beats - 2) * beat_steps, bytes + extra_first + (beats - 1) * middle);
    }
    look(step + (beats - 1) * beat_steps, bytes + pass_bytes);
  }
  bytes_ += passes * pass_bytes;
  steps_ += passes * pass_steps;
}

void PortMeter::demand_at(uint64_t step, uint64_t bytes) {
  bytes_ += bytes;
  look(step, bytes_);
}

void PortMeter::skip(uint64_t times, uint64_t steps, uint64_t bytes) {
  steps_ += times * steps;
  bytes_ += times * bytes;
}

uint64_t PortMeter::stall_cycles() const {
  return rate_ == 0 ? 0 : static_cast<uint64_t>((excess_ + rate_ - 1) / rate_);
}

}  // namespace duet::core
