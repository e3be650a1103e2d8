// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/platform/run/phase_result.hpp"
#include "duet/platform/run/phase_runner.hpp"
#include "duet/platform/simulation/simulation.hpp"

namespace duet::platform {

/// Looks at the simulation of a phase while it runs, and changes nothing in it.
class PhaseWatcher {
 public:
  static constexpr uint64_t never_ps = ~uint64_t{0};

  virtual ~PhaseWatcher() = default;

  /// Every module is there and nothing has happened yet.
  virtual void begin(Simulation& simulation, const PhaseJob& job) = 0;
  /// Called at the start and at the times that it returns, and perhaps between them. The next time that
  /// it wants to look.
  virtual uint64_t look(uint64_t /*now_ps*/) { return never_ps; }
  /// The program is done; what was seen may go into the result.
  virtual void end(Simulation& simulation, const ProgramRun& run, PhaseResult& result) = 0;
  /// The run was ended before its time, or failed; the simulation stands where it stopped.
  virtual void interrupted(Simulation& /*simulation*/) {}
};

}  // namespace duet::platform
