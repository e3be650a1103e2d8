// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <systemc>

#include "duet/core/clock.hpp"
#include "duet/models/systolic/array_command.hpp"
#include "duet/models/systolic/systolic_engine.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace duet::models {

/// One array at the `pe` level as a module: mode bits, a command, an event when it is done, and a socket to
/// its SRAM. A command starts at the next clock edge and takes exactly the engine's cycles; a mode
/// switch before it adds what it costs. Wrong modes, sizes and addresses end with a status.
template <class Engine>
class ArrayModule : public sc_core::sc_module {
 public:
  using Mode = decltype(std::declval<Engine>().mode());

  template <class Description>
  ArrayModule(const sc_core::sc_module_name& name, const Description& array, double clock_hz)
      : sc_module(name),
        port("port"),
        engine_(array, clock_hz),
        clock_(clock_hz),
        sum_bytes_(array.accumulation == core::Accumulation::fp32 ? 4 : 2) {
    SC_HAS_PROCESS(ArrayModule);
    SC_THREAD(run);
  }

  SramPort port;

  /// Waits for the array's drain, then writes the mode bits.
  void set_mode(Mode mode) { pending_mode_ = mode, switch_mode_ = true; }
  /// False while a command runs.
  bool start(const ArrayCommand& command);
  [[nodiscard]] CommandStatus status() const { return status_; }
  [[nodiscard]] const core::ArrayTime& time() const { return time_; }
  [[nodiscard]] uint64_t mode_switches() const { return mode_switches_; }
  [[nodiscard]] const sc_core::sc_event& done() const { return done_; }
  [[nodiscard]] Engine& engine() { return engine_; }

 private:
  void run();
  CommandStatus execute(uint64_t& cycles);
  bool fetch_and_run(ArrayRun& run);

  Engine engine_;
  core::Clock clock_;
  unsigned sum_bytes_;
  ArrayCommand command_;
  CommandStatus status_ = CommandStatus::idle;
  Mode pending_mode_{};
  bool switch_mode_ = false;
  uint64_t mode_switches_ = 0;
  core::ArrayTime time_;
  sc_core::sc_event started_;
  sc_core::sc_event done_;
};

using SystolicArray = ArrayModule<SystolicEngine>;
using VectorArray = ArrayModule<VectorEngine>;

extern template class ArrayModule<SystolicEngine>;
extern template class ArrayModule<VectorEngine>;

}  // namespace duet::models
