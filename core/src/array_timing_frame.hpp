// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "duet/core/array_timing.hpp"
#include "duet/core/array_timing_port.hpp"

namespace duet::core {

/// The steps of one fold (GEMM) or one tile of channels x states x tokens (SSM) on a systolic array.
/// Step 0 is the fold's first slot at the SRAM port; all steps move in lockstep.
struct ArrayFrame {
  uint64_t steps = 0;  ///< until the next frame's step 0
  std::array<DemandTrain, 3> reads{};
  std::array<DemandTrain, 2> writes{};  ///< may reach into the next frame, never further
  uint64_t last_mac_step = 0;
  uint64_t last_write_step = 0;
};

/// Stalls of a frame that follows `previous` (nullptr: none), up to `last_step`. The port starts each
/// frame without credit: the address generators restart, nothing is read ahead over the border.
inline uint64_t frame_stalls(const ArrayFrame* previous, const ArrayFrame& frame, PortRate rate,
                             uint64_t last_step) {
  std::array<DemandTrain, 7> trains{};
  size_t count = 0;
  for (const DemandTrain& read : frame.reads) trains[count++] = read;
  for (const DemandTrain& write : frame.writes) trains[count++] = write;
  if (previous != nullptr) {
    for (DemandTrain tail : previous->writes) {
      if (tail.count == 0) continue;
      if (tail.start < previous->steps) {
        const uint64_t gone = std::min(tail.count, (previous->steps - tail.start - 1) / tail.interval + 1);
        tail.start += gone * tail.interval;
        tail.count -= gone;
      }
      tail.start -= previous->steps;
      trains[count++] = tail;
    }
  }
  return port_stall_cycles({trains.data(), count}, rate, last_step);
}

/// Calls visit(index, multiplicity) for indices 0..n-1 that stand for all: the first two, one of the
/// middle, the last. Valid when the indices 1..n-2 are alike.
template <class Visit>
void for_representatives(uint64_t n, Visit&& visit) {
  visit(uint64_t{0}, uint64_t{1});
  if (n > 2) visit(uint64_t{1}, uint64_t{1});
  if (n > 3) visit(uint64_t{2}, n - 3);
  if (n > 1) visit(n - 1, uint64_t{1});
}

inline uint64_t ceil_div(uint64_t a, uint64_t b) {
  return (a + b - 1) / b;
}

/// SSM prefill on a systolic array: steps from when a tile's first partial y can be read from SRAM, for a
/// tile as wide as the array that passes `tokens`, to the start of the next tile.
uint64_t ssm_first_sum_slack(const SystolicArrayDescription& array, const SsmShape& shape, uint64_t tokens);

}  // namespace duet::core
