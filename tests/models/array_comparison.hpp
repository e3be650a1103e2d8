// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "array_reference.hpp"

namespace duet::test {

/// Every figure of the pe level equals that of the closed form.
inline void require_same_time(const core::ArrayTime& pe, const core::ArrayTime& tile) {
  REQUIRE(pe.compute_cycles == tile.compute_cycles);
  REQUIRE(pe.cycles == tile.cycles);
  REQUIRE(pe.stalls.sram == tile.stalls.sram);
  REQUIRE(pe.stalls.sfu == tile.stalls.sfu);
  REQUIRE(pe.stalls.link == tile.stalls.link);
  REQUIRE(pe.stalls.output == tile.stalls.output);
  REQUIRE(pe.stalls.drain == tile.stalls.drain);
  REQUIRE(pe.sram_read_bytes == tile.sram_read_bytes);
  REQUIRE(pe.sram_write_bytes == tile.sram_write_bytes);
  REQUIRE(pe.partial_sum_bytes == tile.partial_sum_bytes);
  REQUIRE(pe.state_bytes == tile.state_bytes);
  REQUIRE(pe.intermediate_bytes == tile.intermediate_bytes);
  REQUIRE(pe.macs == tile.macs);
  REQUIRE(pe.sfu_operations == tile.sfu_operations);
}

/// How many FP16 results differ from the reference, bit for bit.
inline size_t differing(const std::vector<uint16_t>& values, const std::vector<Bounded>& reference) {
  size_t count = values.size() == reference.size() ? 0 : 1;
  for (size_t i = 0; i < std::min(values.size(), reference.size()); ++i) {
    if (values[i] != half_bits(reference[i].value)) ++count;
  }
  return count;
}

/// The same for sums of the accumulation's width.
inline size_t differing(const std::vector<float>& sums, const std::vector<Bounded>& reference) {
  size_t count = sums.size() == reference.size() ? 0 : 1;
  for (size_t i = 0; i < std::min(sums.size(), reference.size()); ++i) {
    const double expected = reference[i].value;
    if (std::isnan(expected) ? !std::isnan(sums[i]) : static_cast<double>(sums[i]) != expected) ++count;
  }
  return count;
}

/// The double-precision result lies within the derived bound of each FP16 result (its own rounding included).
inline bool within_bounds(const std::vector<uint16_t>& values, const std::vector<Bounded>& reference) {
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = half_to_double(values[i]);
    const double bound =
        reference[i].bound + std::ldexp(std::abs(reference[i].exact) + reference[i].bound, -11) + 0x1p-25;
    if (std::isfinite(value) && !(std::abs(value - reference[i].exact) <= bound)) return false;
  }
  return true;
}

}  // namespace duet::test
