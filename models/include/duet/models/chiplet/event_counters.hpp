// SPDX-License-Identifier: Apache-2.0
#pragma once
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
    changed_.notify(sc_core::SC_ZERO_TIME);
  }
  [[nodiscard]] uint64_t value(unsigned index) const { return values_[index]; }
  void reset() { values_.fill(0); }

  /// Blocks the calling SC_THREAD until the counter has reached `value`.
  void wait_for(unsigned index, uint64_t value) {
    while (values_[index] < value) sc_core::wait(changed_);
  }
  [[nodiscard]] const sc_core::sc_event& changed() const { return changed_; }

 private:
  std::array<uint64_t, count> values_{};
  sc_core::sc_event changed_;
};

}  // namespace duet::models
