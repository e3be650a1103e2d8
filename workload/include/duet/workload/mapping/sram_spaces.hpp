// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/core/chiplet_description.hpp"

namespace duet::workload {

/// The partitions of the SRAM of a chiplet's arrays of one kind, in bytes, as the chiplet model has them: a
/// sixteenth stages moves, an eighth of the rest holds results.
struct SramSpaces {
  std::uint64_t results = 0;
  std::uint64_t prefetched = 0;  ///< operands that depend on nothing
  std::uint64_t dependent = 0;   ///< operands that wait for events, and kept tensors
};

inline SramSpaces sram_spaces(const core::NodeTypeDescription& type, bool systolic) {
  SramSpaces spaces;
  const std::uint64_t sram = type.sram_bytes_of(systolic) * 15 / 16;
  spaces.results = sram / 8;
  const std::uint64_t operands = sram - spaces.results;
  spaces.prefetched = static_cast<std::uint64_t>(static_cast<double>(operands) * type.prefetch_share);
  spaces.dependent = operands - spaces.prefetched;
  return spaces;
}

}  // namespace duet::workload
