// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "duet/platform/report/simulation_tracer.hpp"
#include "duet/platform/run/phase_watcher.hpp"

namespace duet::platform {

/// Traces the phases of a run: prefill and decode steps of a batch size follow each other in one set of
/// files. With several batch sizes each has files of its own, "run.batch8.vcd".
class RunTracer : public PhaseWatcher {
 public:
  /// `note` gets estimated sizes before each phase, `warn` what the user should not miss.
  RunTracer(TraceOptions options, bool several_batches, std::function<void(const std::string&)> note,
            std::function<void(const std::string&)> warn);
  ~RunTracer() override;

  void begin(Simulation& simulation, const PhaseJob& job) override;
  void end(Simulation& simulation, const ProgramRun& run, PhaseResult& result) override;
  void interrupted(Simulation& simulation) override;
  /// Ends the last files.
  void finish();

 private:
  void open(uint64_t batch);
  void tell_sizes(const PhaseJob& job);

  TraceOptions options_;
  bool several_batches_;
  std::function<void(const std::string&)> note_;
  std::function<void(const std::string&)> warn_;
  std::unique_ptr<SimulationTracer> tracer_;
  uint64_t batch_ = 0;
  TraceSizes expected_;  ///< of the open files so far
};

/// "run.vcd" of batch 8 among others: "run.batch8.vcd".
std::string path_of_batch(const std::string& path, uint64_t batch);

}  // namespace duet::platform
