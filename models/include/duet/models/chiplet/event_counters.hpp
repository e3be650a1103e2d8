// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <systemc>

#include "duet/core/address_map.hpp"

namespace duet::models {

/// The event counters of a chiplet: 64-bit, rising only, raised by writes over the NoI and by the
/// chiplet itself.
class EventCounters {
 public:
  static constexpr unsigned count = core::ChipletWindow::counters;

  void add(unsigned index, uint64_t amount) {
    values_[index] += amount;
    if (values_[index] < awaited_[index]) return;
    awaited_[index] = nobody;
    reached_[index].notify(sc_core::SC_ZERO_TIME);
  }
  [[nodiscard]] uint64_t value(unsigned index) const { return values_[index]; }
  void reset() { values_.fill(0); }

  /// Notified once when the counter reaches `value` (or less, if somebody else waits for less).
  [[nodiscard]] const sc_core::sc_event& reached(unsigned index, uint64_t value) {
    awaited_[index] = std::min(awaited_[index], value);
    return reached_[index];
  }

 private:
  static constexpr uint64_t nobody = UINT64_MAX;

  std::array<uint64_t, count> values_{};
  std::array<uint64_t, count> awaited_ = [] {
    std::array<uint64_t, count> values{};
    values.fill(nobody);
    return values;
  }();
  std::array<sc_core::sc_event, count> reached_;
};

}  // namespace duet::models
