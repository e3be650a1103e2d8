// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "duet/memory/secded.hpp"

namespace duet::memory {

/// Damaged bits of a memory (soft errors) and the registers that report them. Without ECC the damage
/// reaches the reader silently; with it, single errors are corrected and double errors reported.
class MemoryFaults {
 public:
  /// Offsets of the control registers.
  enum Register : uint64_t {
#define DUET_REGISTER(name, offset, reset, access, bits, text) name = (offset),
#include "duet/sw_driver/memory_registers.def"
#undef DUET_REGISTER
  };
  enum Status : uint32_t { corrected_error = 1, uncorrectable_error = 2, wrong_request = 4 };

  MemoryFaults(bool ecc, uint64_t capacity) : ecc_(ecc), capacity_(capacity) {}

  /// Flips bit 0..71 of the 64-bit word that holds `address`; the same bit twice is no damage.
  void inject(uint64_t address, unsigned bit);
  [[nodiscard]] bool any() const {
    return !damage_.empty();
  }
  [[nodiscard]] bool any_between(uint64_t first, uint64_t last) const;

  /// A read of `bytes` bytes at `address` whose undamaged values are in `data` (null: no values).
  /// Returns false when a word could not be corrected; `data` then holds the damaged bits.
  bool read(uint64_t address, uint8_t* data, uint64_t bytes);
  /// A write renews the words that it covers whole; part of a word leaves its damage (*assumed*: the
  /// controller's read-modify-write corrects single errors, which is not modelled).
  void written(uint64_t address, uint64_t bytes);
  void count_wrong_request(uint64_t address);

  /// Register access. False when the register does not exist or does not allow it.
  bool read_register(uint64_t offset, uint32_t& value) const;
  bool write_register(uint64_t offset, uint32_t value);
  [[nodiscard]] bool interrupt() const {
    return (status_ & enabled_) != 0;
  }
  /// Word addresses damaged through the inject register since the last call, for DMI invalidation.
  std::vector<uint64_t> take_injected();

 private:
  void report(uint32_t bits, uint64_t address);

  bool ecc_;
  uint64_t capacity_;
  std::map<uint64_t, std::vector<unsigned>> damage_;  ///< word address -> flipped bits
  uint32_t status_ = 0;
  uint32_t enabled_ = 0;
  uint32_t corrected_ = 0;
  uint32_t uncorrectable_ = 0;
  uint32_t wrong_ = 0;
  uint64_t error_address_ = 0;
  uint64_t inject_address_ = 0;
  std::vector<uint64_t> injected_;
};

}  // namespace duet::memory
