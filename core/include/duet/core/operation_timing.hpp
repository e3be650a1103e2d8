// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/core/array_timing.hpp"
#include "duet/core/chiplet_description.hpp"
#include "duet/sw_driver/descriptor.h"

namespace duet::core {

/// Time of a descriptor's operation on one chiplet's arrays, from the closed forms of core.
struct OperationTiming {
  uint64_t cycles = 0;        ///< first operand to last result, stalls included
  uint64_t stall_cycles = 0;  ///< of these, waiting for SRAM
  uint64_t macs = 0;
  uint64_t sram_bytes = 0;
  ArrayWork work = {};         ///< of the busiest array
  uint64_t beside_cycles = 0;  ///< of the SFUs beside it; `cycles` is the longer of the two
};

/// `argument0` is the run's context length, which shape.n_stride multiplies. Move operations take no cycles.
/// The chiplet must have the arrays that the descriptor's engine names.
OperationTiming operation_timing(const duet_descriptor& descriptor, const NodeTypeDescription& chiplet,
                                 uint64_t argument0);

}  // namespace duet::core
