// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/memory_description.hpp"

namespace duet::memory {

/// One DRAM burst of a trace.
struct TraceRequest {
  double offer_ns = 0;  ///< offered at this time, or as soon as the one before was accepted
  uint64_t address = 0;
  bool write = false;
};

/// Reads lines `<ns> <R|W> <hexaddr>`. Throws UserError with `name`, line and what was found.
std::vector<TraceRequest> read_trace(std::istream& input, std::string_view name);

/// Synthetic patterns of one channel, all offered at time 0: sequential, strided (one burst of each
/// row buffer), random (64-byte blocks), conflict (one bank, a new row each time), mixed (half the
/// sequential bursts are writes). Throws UserError for an unknown name.
std::vector<TraceRequest> synthetic_trace(std::string_view pattern, size_t count,
                                          const core::MemoryDescription& memory, uint64_t seed);

}  // namespace duet::memory
