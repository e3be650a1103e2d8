// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/memory/command/channel_controller.hpp"
#include "duet/memory/trace.hpp"

namespace duet::memory {

/// What became of one trace line, in clocks.
struct TraceOutcome {
  Cycle offered = 0;  ///< its time rounded up to a clock, at least one clock after the acceptance before
  Cycle accepted = 0;
  Cycle done = 0;
};

/// Runs a trace on one channel as an in-order initiator: a request is offered at its time, the next
/// one only after the one before was accepted, one a clock. Returns one outcome a line.
std::vector<TraceOutcome> run_trace(ChannelController& controller, const std::vector<TraceRequest>& trace,
                                    uint32_t tck_ps);

}  // namespace duet::memory
