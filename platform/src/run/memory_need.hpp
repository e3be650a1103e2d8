// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/platform/run/run_result.hpp"
#include "duet/workload/mapping/program.hpp"
#include "machine.hpp"

namespace duet::platform {

/// What each package that takes part must hold at its fullest. One that serves both phases holds the
/// weights once, the caches at their longest, and the activations of the phase that has more of them.
std::vector<MemoryNeed> memory_needs(const Machine& machine, const workload::Program& prefill,
                                     const workload::Program& decode);

/// One sentence for the first package whose sum exceeds its capacity, or empty. `placed` is what the
/// mapper says: false although the sum fits when interleaving leaves gaps.
std::string why_not(const std::vector<MemoryNeed>& needs, bool placed);

}  // namespace duet::platform
