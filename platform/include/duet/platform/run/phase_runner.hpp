// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/address_map.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/platform/run/phase_result.hpp"
#include "duet/platform/run/run_request.hpp"
#include "duet/workload/mapping/program.hpp"

namespace duet::platform {

/// A phase that is ready to run.
struct PhaseJob {
  const RunRequest& request;
  const core::PackageLayout& package;
  const workload::Program& program;    ///< of the whole model
  const workload::Program& simulated;  ///< the same, or of the truncated model
  std::uint64_t batch = 1;
  std::uint64_t context_tokens = 0;
  std::uint64_t simulated_layers = 0;  ///< of the pattern
};

/// Simulates the phase on a machine of its own. Throws std::runtime_error when the driver reports a failure.
PhaseResult run_phase(const PhaseJob& job, const RunObserver& observer);

}  // namespace duet::platform
