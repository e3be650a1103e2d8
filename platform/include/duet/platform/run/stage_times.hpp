// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "duet/platform/simulation/simulation.hpp"

namespace duet::platform {

/// What the job records of all chiplets say of one stage, in ps.
struct StageTime {
  bool beside = false;  ///< ran on the data movers only
  uint64_t end_ps = 0;  ///< last output of the last chiplet written
  uint64_t time_ps =
      0;  ///< end after the end of the array stage before it (the first: after the driver's start)
  uint64_t sram_stall_ps = 0;   ///< the longest of a chiplet
  uint64_t mode_switch_ps = 0;  ///< the longest of a chiplet
};

/// One entry per stage of the program. Array stages are a chain whose times add up to the end of the
/// last one; stages beside them have no time of their own.
std::vector<StageTime> stage_times(const ProgramRun& run, const workload::Program& program);

}  // namespace duet::platform
