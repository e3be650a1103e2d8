// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "duet/core/array_timing.hpp"

/// Sums of kernels' figures over time and over arrays.
namespace duet::core {

inline uint64_t sum_bytes(Accumulation accumulation) {
  return accumulation == Accumulation::fp32 ? 4 : 2;
}

/// `total` in pieces of `part` and a rest.
struct Cut {
  uint64_t size;
  uint64_t count;
};
inline std::array<Cut, 2> cut(uint64_t total, uint64_t part) {
  return {{{part, total / part}, {total % part, total % part > 0 ? uint64_t{1} : uint64_t{0}}}};
}

/// What `times` equal kernels move and compute, wherever they run.
inline void add_traffic(ArrayTime& sum, const ArrayTime& one, uint64_t times) {
  sum.sram_read_bytes += times * one.sram_read_bytes;
  sum.sram_write_bytes += times * one.sram_write_bytes;
  sum.partial_sum_bytes += times * one.partial_sum_bytes;
  sum.state_bytes += times * one.state_bytes;
  sum.intermediate_bytes += times * one.intermediate_bytes;
  sum.macs += times * one.macs;
  sum.sfu_operations += times * one.sfu_operations;
}

/// `times` equal kernels that follow what the array did before.
inline void add_after(ArrayTime& sum, const ArrayTime& one, uint64_t times) {
  if (times == 0) return;
  sum.compute_cycles = sum.cycles + (times - 1) * one.cycles + one.compute_cycles;
  sum.cycles += times * one.cycles;
  sum.stalls.sram += times * one.stalls.sram;
  sum.stalls.sfu += times * one.stalls.sfu;
  sum.stalls.link += times * one.stalls.link;
  sum.stalls.output += times * one.stalls.output;
  sum.stalls.drain += times * one.stalls.drain;
  add_traffic(sum, one, times);
}

inline void take_cycles(ArrayTime& total, const ArrayTime& busiest) {
  total.compute_cycles = busiest.compute_cycles;
  total.cycles = busiest.cycles;
  total.stalls = busiest.stalls;
}

}  // namespace duet::core
