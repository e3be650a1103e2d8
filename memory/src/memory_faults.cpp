// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/memory_faults.hpp"

#include <algorithm>
#include <utility>

#include "duet/sw_driver/regs.h"

namespace duet::memory {
namespace {

constexpr uint64_t word_bytes = 8;
constexpr uint32_t second_bit_valid = 1U << 31;

uint64_t word_of(uint64_t address) {
  return address / word_bytes * word_bytes;
}

}  // namespace

void MemoryFaults::inject(uint64_t address, unsigned bit) {
  std::vector<unsigned>& bits = damage_[word_of(address)];
  const auto found = std::find(bits.begin(), bits.end(), bit);
  if (found == bits.end()) {
    bits.push_back(bit);
  } else {
    bits.erase(found);
  }
  if (bits.empty()) damage_.erase(word_of(address));
}

bool MemoryFaults::any_between(uint64_t first, uint64_t last) const {
  const auto at = damage_.lower_bound(word_of(first));
  return at != damage_.end() && at->first <= last;
}

bool MemoryFaults::read(uint64_t address, uint8_t* data, uint64_t bytes) {
  bool good = true;
  const uint64_t end = address + bytes;
  for (auto at = damage_.lower_bound(word_of(address)); at != damage_.end() && at->first < end; ++at) {
    const uint64_t word = at->first;
    // Bytes outside the payload do not matter to the code's verdict, which depends on the errors only.
    uint64_t value = 0;
    const auto each_byte = [&](auto&& function) {
      for (uint64_t byte = std::max(word, address);
           data != nullptr && byte < std::min(word + word_bytes, end); ++byte)
        function(data[byte - address], static_cast<unsigned>(8 * (byte - word)));
    };
    each_byte([&](uint8_t& byte, unsigned shift) { value |= uint64_t{byte} << shift; });
    secded::Codeword codeword = secded::encode(value);
    for (const unsigned bit : at->second) secded::flip(codeword, bit);
    if (ecc_) {
      const secded::Result result = secded::decode(codeword);
      if (result == secded::Result::corrected) {
        ++corrected_;
        report(corrected_error, word);
      } else if (result == secded::Result::uncorrectable) {
        ++uncorrectable_;
        report(uncorrectable_error, word);
        good = false;
      }
    }
    each_byte([&](uint8_t& byte, unsigned shift) { byte = static_cast<uint8_t>(codeword.data >> shift); });
  }
  return good;
}

void MemoryFaults::written(uint64_t address, uint64_t bytes) {
  auto at = damage_.lower_bound(address);
  while (at != damage_.end() && at->first + word_bytes <= address + bytes) at = damage_.erase(at);
}

void MemoryFaults::count_wrong_request(uint64_t address) {
  ++wrong_;
  report(wrong_request, address);
}

void MemoryFaults::report(uint32_t bits, uint64_t address) {
  status_ |= bits;
  error_address_ = address;
}

bool MemoryFaults::read_register(uint64_t offset, uint32_t& value) const {
  switch (offset) {
    case identity:
      value = 0x4d455544;
      return true;
    case status:
      value = status_;
      return true;
    case interrupt_enable:
      value = enabled_;
      return true;
    case corrected_count:
      value = corrected_;
      return true;
    case uncorrectable_count:
      value = uncorrectable_;
      return true;
    case wrong_request_count:
      value = wrong_;
      return true;
    case error_address_low:
      value = static_cast<uint32_t>(error_address_);
      return true;
    case error_address_high:
      value = static_cast<uint32_t>(error_address_ >> 32);
      return true;
    case inject_address_low:
      value = static_cast<uint32_t>(inject_address_);
      return true;
    case inject_address_high:
      value = static_cast<uint32_t>(inject_address_ >> 32);
      return true;
    case capabilities:
      value = ecc_ ? DUET_CAPABILITY_ECC : 0;
      return true;
    default:
      return false;
  }
}

bool MemoryFaults::write_register(uint64_t offset, uint32_t value) {
  switch (offset) {
    case interrupt_enable:
      enabled_ = value & (corrected_error | uncorrectable_error | wrong_request);
      return true;
    case interrupt_clear:
      status_ &= ~value;
      return true;
    case inject_address_low:
      inject_address_ = (inject_address_ & ~uint64_t{0xffffffff}) | value;
      return true;
    case inject_address_high:
      inject_address_ = (inject_address_ & 0xffffffff) | uint64_t{value} << 32;
      return true;
    case inject_bits: {
      const unsigned first = value & 0x7f;
      const unsigned second = value >> 8 & 0x7f;
      const bool two = (value & second_bit_valid) != 0;
      if (inject_address_ >= capacity_ || first >= secded::bits || (two && second >= secded::bits))
        return false;
      inject(inject_address_, first);
      if (two) inject(inject_address_, second);
      injected_.push_back(word_of(inject_address_));
      return true;
    }
    default:
      return false;
  }
}

std::vector<uint64_t> MemoryFaults::take_injected() {
  return std::exchange(injected_, {});
}

}  // namespace duet::memory
