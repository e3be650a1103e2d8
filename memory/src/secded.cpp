// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/secded.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace duet::memory::secded {
namespace {

constexpr unsigned hamming_bits = 7;

/// Position of each data bit in the Hamming word: the numbers from 3 on that are no power of two.
constexpr std::array<uint8_t, 64> make_positions() {
  std::array<uint8_t, 64> positions{};
  uint8_t position = 3;
  for (uint8_t& entry : positions) {
    while (std::has_single_bit(position)) ++position;
    entry = position++;
  }
  return positions;
}
constexpr std::array<uint8_t, 64> positions = make_positions();

uint8_t hamming_of(uint64_t data) {
  uint8_t sum = 0;
  for (; data != 0; data &= data - 1) sum ^= positions[static_cast<size_t>(std::countr_zero(data))];
  return sum;
}

bool odd(uint64_t value) {
  return std::popcount(value) % 2 != 0;
}

}  // namespace

Codeword encode(uint64_t data) {
  const uint8_t hamming = hamming_of(data);
  const bool parity = odd(data) != odd(hamming);
  return {data, static_cast<uint8_t>(hamming | (parity ? 1U << hamming_bits : 0U))};
}

void flip(Codeword& word, unsigned bit) {
  if (bit < 64) {
    word.data ^= uint64_t{1} << bit;
  } else {
    word.check = static_cast<uint8_t>(word.check ^ (1U << (bit - 64)));
  }
}

Result decode(Codeword& word) {
  const auto stored = static_cast<uint8_t>(word.check & ((1U << hamming_bits) - 1));
  const auto syndrome = static_cast<uint8_t>(hamming_of(word.data) ^ stored);
  const bool parity_wrong = odd(word.data) != odd(word.check);
  if (syndrome == 0 && !parity_wrong) return Result::clean;
  if (!parity_wrong) return Result::uncorrectable;  // an even number of errors
  if (syndrome != 0 && !std::has_single_bit(syndrome)) {
    size_t bit = 0;
    while (bit < positions.size() && positions[bit] != syndrome) ++bit;
    if (bit == positions.size()) return Result::uncorrectable;  // points outside the word
    word.data ^= uint64_t{1} << bit;
  }
  word.check = encode(word.data).check;
  return Result::corrected;
}

}  // namespace duet::memory::secded
