// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <systemc>

namespace duet::models {

/// Bytes of an SRAM partition in use. Reservations are made in order by one thread; a reservation
/// larger than the partition (resident operands that do not fit) is granted once the partition is empty,
/// so that nothing deadlocks.
class SramBudget {
 public:
  explicit SramBudget(uint64_t bytes) : bytes_(bytes) {}

  [[nodiscard]] bool fits(uint64_t bytes) const { return used_ == 0 || used_ + bytes <= bytes_; }
  [[nodiscard]] bool try_reserve(uint64_t bytes) {
    if (!fits(bytes)) return false;
    used_ += bytes;
    peak_ = std::max(peak_, used_);
    return true;
  }
  void reserve(uint64_t bytes) {
    while (!try_reserve(bytes)) sc_core::wait(released_);
  }
  void release(uint64_t bytes) {
    used_ -= bytes;
    released_.notify(sc_core::SC_ZERO_TIME);
  }
  void reset() { used_ = 0; }
  [[nodiscard]] uint64_t used_bytes() const { return used_; }
  [[nodiscard]] uint64_t peak_bytes() const { return peak_; }
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const sc_core::sc_event& released() const { return released_; }

 private:
  uint64_t bytes_;
  uint64_t used_ = 0;
  uint64_t peak_ = 0;
  sc_core::sc_event released_;
};

}  // namespace duet::models
