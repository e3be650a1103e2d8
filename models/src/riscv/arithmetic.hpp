// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>

namespace duet::models::riscv {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

constexpr int64_t as_signed(uint64_t value) {
  return static_cast<int64_t>(value);
}
/// The low 32 bits, sign-extended.
constexpr uint64_t sign_extend_word(uint64_t value) {
  return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(static_cast<uint32_t>(value))));
}

constexpr uint64_t multiply_high(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((static_cast<Int128>(as_signed(a)) * as_signed(b)) >> 64);
}
constexpr uint64_t multiply_high_signed_unsigned(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((static_cast<Int128>(as_signed(a)) * static_cast<Int128>(b)) >> 64);
}
constexpr uint64_t multiply_high_unsigned(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((static_cast<Uint128>(a) * b) >> 64);
}

/// Division by zero gives all ones, and the overflow gives the dividend; the remainders are the
/// dividend and zero. RISC-V unprivileged ISA 20191213, table 7.1.
template <class T>
constexpr T divide(T dividend, T divisor) {
  if (divisor == 0) return static_cast<T>(-1);
  if constexpr (std::numeric_limits<T>::is_signed) {
    if (dividend == std::numeric_limits<T>::min() && divisor == -1) return dividend;
  }
  return dividend / divisor;
}
template <class T>
constexpr T remainder(T dividend, T divisor) {
  if (divisor == 0) return dividend;
  if constexpr (std::numeric_limits<T>::is_signed) {
    if (dividend == std::numeric_limits<T>::min() && divisor == -1) return 0;
  }
  return dividend % divisor;
}

}  // namespace duet::models::riscv
