// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

#include "duet/models/chiplet/job.hpp"
#include "duet/sw_driver/regs.h"

namespace duet::models {

/// What an engine is doing.
enum class EngineState : uint8_t {
  idle,         ///< no job
  wait_event,   ///< for producers on other chiplets
  wait_data,    ///< for operands on their way
  wait_output,  ///< for room for results
  switch_mode,
  compute,
};

/// Who looks at a chiplet as it runs (traces). Each function is called at the time of what it tells, and
/// may be empty. None may change the chiplet.
struct ChipletObserver {
  /// The driver rang; `mode_bits` are those that the doorbell latched.
  std::function<void(uint32_t descriptors, uint32_t mode_bits)> doorbell;
  /// The job is null when idle.
  std::function<void(duet_engine engine, EngineState state, const Job* job)> engine_state;
  /// The last operand that a step reads from memory has come.
  std::function<void(duet_engine engine, const Job& job)> operands_arrived;
  /// The job's last output is written; its record is complete.
  std::function<void(const Job& job)> job_done;
};

}  // namespace duet::models
