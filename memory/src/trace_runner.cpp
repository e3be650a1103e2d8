// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/trace_runner.hpp"

#include <algorithm>
#include <cmath>

namespace duet::memory {
namespace {

/// The first clock at or after a time; the trace's nanoseconds are exact to a thousandth.
Cycle clock_of(double ns, uint32_t tck_ps) {
  const auto ps = static_cast<uint64_t>(std::llround(ns * 1000));
  return (ps + tck_ps - 1) / tck_ps;
}

void collect(ChannelController& controller, std::vector<TraceOutcome>& outcomes) {
  for (const BurstDone& burst : controller.done) outcomes[burst.tag].done = burst.done;
  controller.done.clear();
}

}  // namespace

std::vector<TraceOutcome> run_trace(ChannelController& controller, const std::vector<TraceRequest>& trace,
                                    uint32_t tck_ps) {
  std::vector<TraceOutcome> outcomes(trace.size());
  Cycle earliest = 0;
  for (size_t index = 0; index < trace.size(); ++index) {
    const TraceRequest& request = trace[index];
    const Cycle wanted = clock_of(request.offer_ns, tck_ps);
    Cycle at = std::max(earliest, wanted);
    outcomes[index].offered = at;
    // Commands of the clock of acceptance do not see the new request yet, but those before it count.
    if (at > 0) controller.advance(at - 1);
    while (!controller.can_accept(request.write)) at = std::max(at, controller.issue_next());
    controller.accept(at, request.address, request.write, index);
    outcomes[index].accepted = at;
    earliest = at + 1;
    collect(controller, outcomes);
  }
  while (!controller.idle()) controller.issue_next();
  collect(controller, outcomes);
  return outcomes;
}

}  // namespace duet::memory
