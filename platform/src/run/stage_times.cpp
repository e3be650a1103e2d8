// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/stage_times.hpp"

#include <algorithm>

namespace duet::platform {

std::vector<StageTime> stage_times(const ProgramRun& run, const workload::Program& program) {
  std::vector<StageTime> times(program.stages.size());
  std::vector<bool> on_arrays(times.size(), false);
  for (const models::JobRecord& record : run.records) {
    if (record.layer >= times.size()) continue;
    StageTime& time = times[record.layer];
    time.end_ps = std::max(time.end_ps, record.end_ps - run.start_ps);
    time.sram_stall_ps = std::max(time.sram_stall_ps, record.sram_stall_ps);
    time.mode_switch_ps = std::max(time.mode_switch_ps, record.mode_switch_ps);
    if (record.engine != DUET_ENGINE_MOVE) on_arrays[record.layer] = true;
  }
  uint64_t previous_ps = 0;
  for (size_t i = 0; i < times.size(); ++i) {
    times[i].beside = !on_arrays[i];
    if (times[i].beside) continue;
    // A stage that was done before its predecessor cost nothing more.
    times[i].time_ps = times[i].end_ps - std::min(previous_ps, times[i].end_ps);
    previous_ps = std::max(previous_ps, times[i].end_ps);
  }
  return times;
}

}  // namespace duet::platform
