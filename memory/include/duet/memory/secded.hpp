// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace duet::memory {

/// Single-error-correcting, double-error-detecting code over 64 data bits with 8 check bits: the
/// extended Hamming code (72,64), R. W. Hamming, Bell System Technical Journal 29 (1950).
namespace secded {

enum class Result { clean, corrected, uncorrectable };

struct Codeword {
  uint64_t data = 0;
  uint8_t check = 0;
};

inline constexpr unsigned bits = 72;

/// The code word of these data.
Codeword encode(uint64_t data);
/// Flips bit 0..63 of the data or bit 64..71 of the check bits.
void flip(Codeword& word, unsigned bit);
/// Corrects a single error in place.
Result decode(Codeword& word);

}  // namespace secded
}  // namespace duet::memory
