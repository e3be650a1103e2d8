// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/memory/trace.hpp"

namespace duet::test {

/// The long traces of tests/reference/dram/gen_traces.py, line for line. `family` is ddr4, hbm2,
/// gddr6, hbm3 or gddr7; `pattern` one of the script's.
std::vector<memory::TraceRequest> peer_trace(const std::string& family, const std::string& pattern,
                                             size_t count);

}  // namespace duet::test
