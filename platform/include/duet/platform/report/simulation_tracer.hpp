// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "duet/platform/report/trace_options.hpp"
#include "duet/platform/simulation/simulation.hpp"

namespace duet::platform {

/// Records what happens in a simulation as VCD, timeline and transaction log. It only looks on: a run
/// takes the same simulated time with and without it.
///
/// VCD scopes, per package: `<package>.<chiplet>` with `doorbell`, `mode_bits`, `descriptors_done`;
/// below it `<engine>` (systolic, vector, mover) with `state`, `layer`, `operands_arrived`;
/// `<package>.<memory>.transactions`; `<package>.noi.link[A->B].transactions`: transactions under way over
/// the link; `inter_package_link[N].from_<package>`: the hand-over.
class SimulationTracer {
 public:
  /// Opens the files and looks at every part of the simulation from now on. The simulation must outlive
  /// this object. Throws UserError for a bad selection, window or path.
  SimulationTracer(const TraceOptions& options, Simulation& simulation);
  ~SimulationTracer();
  SimulationTracer(const SimulationTracer&) = delete;
  SimulationTracer& operator=(const SimulationTracer&) = delete;

  /// Names of the layers of a program that runs next on a package, for the timeline.
  void set_program(unsigned package, const workload::Program& program);

  /// Ends the files at the simulation's time. Sentences for the user: traces that show nothing or were
  /// cut, what vcd2fst said.
  std::vector<std::string> finish();

 private:
  class Recorder;
  std::unique_ptr<Recorder> recorder_;
};

}  // namespace duet::platform
