// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/platform/run/run_request.hpp"
#include "duet/platform/run/run_result.hpp"
#include "duet/workload/graph/build_graph.hpp"

namespace duet::platform {

/// Checks what needs machine, model and workload together. Throws core::UserError when no package
/// serves a phase, when two packages share the phases without a link, or when the weights
/// alone exceed a package's memory.
void check(const RunRequest& request);

/// Simulates one batch size: a decode step (or several, see RunRequest::contexts) and the prefill, each
/// in a simulation of its own, so that no result depends on what ran before. Throws core::UserError as
/// check() does, and std::runtime_error when the driver reports a failure.
PointResult evaluate_point(const RunRequest& request, std::uint64_t batch, const RunObserver& observer = {});

/// One phase of a point, whether the batch fits or not.
PhaseResult evaluate_phase(const RunRequest& request, workload::Phase phase, std::uint64_t batch,
                           const RunObserver& observer = {});

/// All batch sizes, in the order given.
RunResult evaluate(const RunRequest& request, const RunObserver& observer = {});

}  // namespace duet::platform
