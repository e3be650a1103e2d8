// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "duet/platform/report/trace_options.hpp"
#include "duet/platform/simulation/simulation.hpp"

namespace duet::platform {

/// Bytes by kind of trace; 0 for one that is not written.
struct TraceSizes {
  uint64_t vcd = 0;
  uint64_t timeline = 0;
  uint64_t transactions = 0;
};

/// Records what happens in simulations as VCD, timeline and transaction log. It only looks on: a run
/// takes the same simulated time with and without it. Several simulations of one platform, one after
/// another, make one trace, in which each begins where the one before it ended.
///
/// VCD scopes, per package: `<package>.<chiplet>` with `doorbell`, `mode_bits`, `descriptors_done`;
/// below it `<engine>` (systolic, vector, mover) with `state`, `layer`, `operands_arrived`;
/// `<package>.driver.register_access`; `<package>.<memory>.transactions`;
/// `<package>.noi.link[A->B].transactions`: transactions under way over the link;
/// `inter_package_link[N].from_<package>`: the hand-over.
class SimulationTracer {
 public:
  /// Opens the files. Throws UserError for a bad selection, window or path.
  explicit SimulationTracer(const TraceOptions& options);
  ~SimulationTracer();
  SimulationTracer(const SimulationTracer&) = delete;
  SimulationTracer& operator=(const SimulationTracer&) = delete;

  /// Looks at every part of the simulation until detach(), which must come before the simulation's end.
  void attach(Simulation& simulation);
  void detach();

  /// Names of the layers of a program that runs next on a package, for the timeline.
  void set_program(unsigned package, const workload::Program& program);

  /// A guess of what a program of the attached simulation adds to each trace, within a small factor: its
  /// descriptors' steps and transfers, in proportion to what the selection took. The window is left out of
  /// account.
  [[nodiscard]] TraceSizes estimate(unsigned package, const workload::Program& program) const;

  /// Detaches and ends the files. Sentences for the user: traces that show nothing or were cut, what
  /// vcd2fst said.
  std::vector<std::string> finish();

 private:
  class Recorder;
  std::unique_ptr<Recorder> recorder_;
};

}  // namespace duet::platform
