// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>

/// IEEE 754 binary16 in software, round to nearest even, subnormals, infinities and NaN included. The
/// arrays keep FP16 values in floats that hold exactly such a value; every product and every sum of two
/// FP16 values that is computed in binary32 and then rounded is the correctly rounded FP16 result,
/// because 24 >= 2 * 11 + 2 bits (so no double rounding; Figueroa 1995).
namespace duet::models {

inline constexpr uint16_t fp16_canonical_nan = 0x7E00;

/// The float with the value of a binary16.
inline float fp16_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t magnitude = half & 0x7FFFU;
  if (magnitude >= 0x7C00U) return std::bit_cast<float>(sign | 0x7F800000U | ((magnitude & 0x3FFU) << 13));
  if (magnitude < 0x0400U) {
    const float value = static_cast<float>(magnitude) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000U));
}

/// Rounds to the nearest FP16 value, ties to even; the result is held in a float.
inline float round_to_fp16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits & 0x80000000U;
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  const uint32_t normal = (magnitude + 0xFFFU + ((magnitude >> 13) & 1U)) & ~0x1FFFU;
  // One half has the distance 2^-24 to its neighbour, just as FP16 subnormals have.
  const float small = (std::bit_cast<float>(magnitude) + 0.5F) - 0.5F;
  uint32_t rounded = magnitude < 0x38800000U ? std::bit_cast<uint32_t>(small) : normal;
  rounded = rounded >= 0x47800000U ? 0x7F800000U : rounded;
  rounded = magnitude > 0x7F800000U ? 0x7FC00000U : rounded;
  return std::bit_cast<float>(sign | rounded);
}

/// Rounds to binary16. NaN becomes the canonical quiet NaN.
inline uint16_t fp16_from_float(float value) {
  const auto bits = std::bit_cast<uint32_t>(round_to_fp16(value));
  const uint32_t sign = (bits >> 16) & 0x8000U;
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return fp16_canonical_nan;
  if (magnitude == 0x7F800000U) return static_cast<uint16_t>(sign | 0x7C00U);
  if (magnitude < 0x38800000U) {
    const auto steps = static_cast<uint32_t>(std::bit_cast<float>(magnitude) * 0x1p24F);
    return static_cast<uint16_t>(sign | steps);
  }
  return static_cast<uint16_t>(sign | ((magnitude - 0x38000000U) >> 13));
}

}  // namespace duet::models
