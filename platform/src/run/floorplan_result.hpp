// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/platform/run/phase_result.hpp"
#include "duet/platform/simulation/simulation.hpp"

namespace duet::platform {

/// Utilisation of every node and D2D link of a package whose simulation has made this one run: arrays at
/// work, bytes over peak bandwidth, links busy.
Floorplan measure_floorplan(PackageModule& package, const ProgramRun& run);

}  // namespace duet::platform
