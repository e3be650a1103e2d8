// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/pmp.hpp"

#include <bit>

namespace duet::models::riscv {
namespace {

constexpr uint64_t address_bits = (uint64_t{1} << 54) - 1;
enum Mode : uint8_t { off = 0, top_of_range = 1, four_bytes = 2, power_of_two = 3 };

}  // namespace

bool Pmp::check(uint64_t address, uint64_t bytes, Access access, Privilege privilege) const {
  for (unsigned entry = 0; entry < active_; ++entry) {
    const Range& range = range_[entry];
    if (address >= range.end || address + bytes <= range.begin) continue;
    if (address < range.begin || address + bytes > range.end) return false;  // matches only a part
    if (privilege == Privilege::machine && !locked(entry)) return true;
    return (configuration_[entry] & static_cast<uint8_t>(access)) != 0;
  }
  return privilege == Privilege::machine;
}

bool Pmp::uniform(uint64_t address, uint64_t bytes) const {
  for (const Range& range : range_) {
    if (address >= range.end || address + bytes <= range.begin) continue;
    return address >= range.begin && address + bytes <= range.end;
  }
  return true;
}

uint64_t Pmp::configuration(unsigned pmpcfg) const {
  uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= uint64_t{configuration_[4 * pmpcfg + i]} << (8 * i);
  return value;
}

void Pmp::set_configuration(unsigned pmpcfg, uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned entry = 4 * pmpcfg + i;
    if (locked(entry)) continue;
    auto byte = static_cast<uint8_t>((value >> (8 * i)) & 0x9fu);
    if ((byte & 3u) == 2u) byte &= 0xfdu;  // writable but not readable is reserved
    configuration_[entry] = byte;
  }
  update();
}

void Pmp::set_address(unsigned entry, uint64_t value) {
  const bool top_of_locked_range =
      entry + 1 < entries && locked(entry + 1) && ((configuration_[entry + 1] >> 3) & 3u) == top_of_range;
  if (locked(entry) || top_of_locked_range) return;
  address_[entry] = value & address_bits;
  update();
}

void Pmp::update() {
  active_ = 0;
  for (unsigned entry = 0; entry < entries; ++entry) {
    Range& range = range_[entry];
    const uint64_t base = address_[entry] << 2;
    switch ((configuration_[entry] >> 3) & 3u) {
      case top_of_range:
        range = {entry == 0 ? 0 : address_[entry - 1] << 2, base};
        if (range.begin > range.end) range = {};
        break;
      case four_bytes:
        range = {base, base + 4};
        break;
      case power_of_two: {
        const auto ones = static_cast<unsigned>(std::countr_one(address_[entry]));
        const uint64_t size = uint64_t{8} << ones;
        range.begin = base & ~(size - 1);
        range.end = range.begin + size;
        break;
      }
      default:
        range = {};
    }
    if (range.begin != range.end) active_ = entry + 1;
  }
}

}  // namespace duet::models::riscv
