// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/energy_model.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/platform/run/phase_result.hpp"
#include "duet/platform/simulation/simulation.hpp"
#include "duet/workload/mapping/program.hpp"

namespace duet::platform {

/// What the arrays did in a whole program: sums over the chiplets.
struct ArrayActivity {
  double systolic_pe_cycles = 0;
  double vector_lane_cycles = 0;
  double tensor_core_macs = 0;
  double sram_bytes = 0;
};

/// What a phase did and how long, for the energy model. Bytes, MACs and functions are those of the whole
/// model; DRAM commands and link bytes are counted in the simulated layers and multiplied by `growth`.
core::Activity phase_activity(const core::PackageLayout& package, const workload::Program& program,
                              const ArrayActivity& arrays, const PhaseResult& phase, const ProgramRun& run,
                              double growth);

}  // namespace duet::platform
