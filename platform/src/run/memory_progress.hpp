// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "duet/platform/run/phase_watcher.hpp"

namespace duet::platform {

/// How many bytes that its chiplets read had arrived, and how many memory had taken, over the time of a
/// phase.
class MemoryProgress : public PhaseWatcher {
 public:
  void begin(Simulation& simulation, const PhaseJob& job) override;
  uint64_t look(uint64_t now_ps) override;
  void end(Simulation& /*simulation*/, const ProgramRun& /*run*/, PhaseResult& /*result*/) override {}
  /// The last look, before anything is asked.
  void complete(uint64_t end_ps) { looks_.emplace_back(static_cast<double>(end_ps), bytes()); }

  /// When that share of all bytes had been read or written, in ps; between two looks they come evenly.
  [[nodiscard]] double time_ps(double share) const;

 private:
  [[nodiscard]] double bytes() const;
  void thin_out();

  Simulation* simulation_ = nullptr;
  unsigned package_ = 0;
  uint64_t interval_ps_ = 0;
  uint64_t next_ps_ = 0;
  std::vector<std::pair<double, double>> looks_;  ///< time and bytes
};

}  // namespace duet::platform
