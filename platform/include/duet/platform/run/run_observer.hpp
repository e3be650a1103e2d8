// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace duet::platform {

class PhaseWatcher;
class Simulation;

/// How far a run has come.
struct RunProgress {
  std::uint64_t batch = 1;
  std::size_t point = 0;  ///< from 0
  std::size_t points = 1;
  std::string phase;                       ///< "prefill", "decode"
  double phase_share = 0;                  ///< of its descriptors that are done
  bool phase_begins = false;               ///< said once
  bool point_done = false;                 ///< said once, when all of a point's phases are
  double point_wall_s = 0;                 ///< then
  std::optional<double> remaining_s = {};  ///< of the whole run; none before there is anything to go by
};

/// A run that somebody ended before its time.
struct Interrupted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Who wants to know what happens while it happens.
struct RunObserver {
  std::function<void(const RunProgress&)> progress = {};
  std::function<void(const std::string&)> warning = {};  ///< a guest mistake, with module and time
  std::function<bool()> stop = {};                       ///< true ends the run with what is known so far
  std::vector<PhaseWatcher*> watchers = {};              ///< look at every phase's simulation
  /// Collects timeline and utilisation over time, with at most so many events of engines a phase; 0: not.
  std::size_t timeline_events = 0;
  /// Called with every simulation before its time 0 and the package that runs in it. What it returns, a
  /// debugger for instance, lives until just before the simulation goes.
  std::function<std::shared_ptr<void>(Simulation&, unsigned package)> attach = {};
};

}  // namespace duet::platform
