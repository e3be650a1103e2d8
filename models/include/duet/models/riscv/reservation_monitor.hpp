// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

namespace duet::models::riscv {

/// The LR reservations of all harts that share memory. A store of another hart into the reserved
/// 8 bytes breaks one; stores of other bus masters do not.
class ReservationMonitor {
 public:
  static constexpr unsigned max_harts = 32;

  [[nodiscard]] bool any() const { return active_ != 0; }

  void reserve(unsigned hart, uint64_t address) {
    address_[hart] = granule(address);
    active_ |= 1u << hart;
  }
  /// Ends the hart's reservation. True when it covered the address and was unbroken.
  bool take(unsigned hart, uint64_t address) {
    const bool valid = ((active_ >> hart) & 1u) != 0 && address_[hart] == granule(address);
    active_ &= ~(1u << hart);
    return valid;
  }
  void stored(unsigned hart, uint64_t address) {
    for (unsigned other = 0; other < max_harts; ++other) {
      if (other != hart && address_[other] == granule(address)) active_ &= ~(1u << other);
    }
  }

 private:
  static uint64_t granule(uint64_t address) { return address & ~uint64_t{7}; }
  uint32_t active_ = 0;  // bit h: hart h holds a reservation
  std::array<uint64_t, max_harts> address_{};
};

}  // namespace duet::models::riscv
