// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>

namespace duet::core {

/// An ideal clock. Edge n lies at round(n * 1e12 / f) ps, so that no rounding accumulates.
class Clock {
 public:
  explicit constexpr Clock(double frequency_hz) : period_ps_(1e12 / frequency_hz) {}

  /// Time of edge `cycle` in ps.
  [[nodiscard]] uint64_t edge_ps(uint64_t cycle) const {
    return static_cast<uint64_t>(std::llround(static_cast<double>(cycle) * period_ps_));
  }
  /// The first edge at or after `time_ps`.
  [[nodiscard]] uint64_t cycle_at_or_after(uint64_t time_ps) const {
    auto cycle = static_cast<uint64_t>(static_cast<double>(time_ps) / period_ps_);
    while (edge_ps(cycle) < time_ps) ++cycle;
    while (cycle > 0 && edge_ps(cycle - 1) >= time_ps) --cycle;
    return cycle;
  }
  [[nodiscard]] double period_ps() const { return period_ps_; }

 private:
  double period_ps_;
};

}  // namespace duet::core
