// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "duet/models/riscv/trap.hpp"

namespace duet::models::riscv {

enum class Access : uint8_t { read = 1, write = 2, execute = 4 };

/// Physical memory protection, 16 entries of 4-byte granularity. RISC-V privileged ISA 20211203,
/// section 3.7.
class Pmp {
 public:
  static constexpr unsigned entries = 16;

  /// True when every byte of the access is allowed.
  [[nodiscard]] bool allows(uint64_t address, uint64_t bytes, Access access, Privilege privilege) const {
    return active_ == 0 ? privilege == Privilege::machine : check(address, bytes, access, privilege);
  }
  /// True when one rule holds for the whole range, so that a caller may remember the answer.
  [[nodiscard]] bool uniform(uint64_t address, uint64_t bytes) const;

  [[nodiscard]] uint64_t configuration(unsigned pmpcfg) const;  ///< pmpcfg0 or pmpcfg2
  [[nodiscard]] uint64_t address(unsigned entry) const { return address_[entry]; }
  void set_configuration(unsigned pmpcfg, uint64_t value);
  void set_address(unsigned entry, uint64_t value);

 private:
  struct Range {
    uint64_t begin = 0;
    uint64_t end = 0;  // exclusive; begin == end: off
  };
  [[nodiscard]] bool check(uint64_t address, uint64_t bytes, Access access, Privilege privilege) const;
  void update();
  [[nodiscard]] bool locked(unsigned entry) const { return (configuration_[entry] & 0x80u) != 0; }

  std::array<uint8_t, entries> configuration_{};
  std::array<uint64_t, entries> address_{};
  std::array<Range, entries> range_{};
  unsigned active_ = 0;  // entries up to the last one that is not off
};

}  // namespace duet::models::riscv
