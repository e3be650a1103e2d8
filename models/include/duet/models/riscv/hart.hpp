// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <set>
#include <systemc>
#include <tlm>
#include <vector>

#include "duet/core/clock.hpp"
#include "duet/models/riscv/interpreter.hpp"

namespace duet::models::riscv {

class Hart;

/// A debugger that watches harts. Both calls come from the hart's process between two instructions and
/// may block the host; simulated time stands still meanwhile.
class HartObserver {
 public:
  virtual ~HartObserver() = default;
  /// Before each quantum.
  virtual void poll(Hart& hart) = 0;
  /// The hart stands on a breakpoint, has hit a watchpoint, has done its single step (Stop::budget),
  /// or cannot go on (Stop::trap_loop).
  virtual void stopped(Hart& hart, Stop reason) = 0;
};

struct HartParameters {
  unsigned hart_id = 0;
  double frequency_hz = 1e9;
  double cycles_per_instruction = 1;
  uint64_t quantum_instructions = 10'000;
  double timebase_hz = 10e6;
  uint64_t reset_pc = 0;
};

/// A RISC-V hart as a loosely timed TLM-2.0 initiator. It runs ahead of simulated time by at most a quantum;
/// memory that grants DMI costs no time of its own, everything else goes through b_transport with the local
/// time in `delay`. WFI gives up the rest of the quantum.
class Hart : public sc_core::sc_module, private HartPort {
 public:
  tlm_utils::simple_initiator_socket<Hart> socket{"socket"};

  Hart(sc_core::sc_module_name name, const HartParameters& parameters, ReservationMonitor& reservations);

  /// Levels of the interrupt lines. A plain call, because a signal would reach a hart that runs ahead a
  /// delta cycle too late.
  void set_interrupt(Interrupt line, bool level);

  /// Stops for good; a running instruction is completed.
  void halt();
  [[nodiscard]] bool halted() const { return halted_; }
  /// True while the hart waits in WFI.
  [[nodiscard]] bool idle() const { return idle_; }

  /// Called when the trap handler itself traps at its first instruction, so that nothing more can happen.
  void on_trap_loop(std::function<void(Hart&)> callback) { on_trap_loop_ = std::move(callback); }

  Interpreter& interpreter() { return interpreter_; }

  /// Simulated time as the hart sees it.
  [[nodiscard]] sc_core::sc_time local_time() const;

  void set_observer(HartObserver* observer) { observer_ = observer; }
  void set_single_step(bool enabled) {
    single_step_ = enabled;
    wake_.notify(sc_core::SC_ZERO_TIME);
  }

  [[nodiscard]] uint64_t instructions() const { return interpreter_.retired(); }
  [[nodiscard]] uint64_t bus_accesses() const { return bus_accesses_; }
  [[nodiscard]] uint64_t bus_time_ps() const { return bus_time_ps_; }
  [[nodiscard]] uint64_t idle_time_ps() const { return idle_time_ps_; }
  /// The same with the wait that is not over yet.
  [[nodiscard]] uint64_t idle_time_now_ps() const;

 private:
  bool read(uint64_t address, void* data, unsigned bytes) override;
  bool write(uint64_t address, const void* data, unsigned bytes) override;
  DirectMemory direct_memory(uint64_t address) override;
  uint64_t cycles() override;
  uint64_t time_ticks() override;

  void execute();
  void charge_instructions();
  [[nodiscard]] uint64_t slot_edge_ps(uint64_t slots) const {
    if (whole_slot_ps_ != 0) return slots * whole_slot_ps_;
    return static_cast<uint64_t>(std::llround(static_cast<double>(slots) * slot_ps_));
  }
  void synchronise();
  void wait_for_interrupt();
  void stopped(Stop reason);
  bool transport(tlm::tlm_command command, uint64_t address, void* data, unsigned bytes);
  void learn_direct_memory(uint64_t address);
  void invalidate_direct_mem_ptr(sc_dt::uint64 begin, sc_dt::uint64 end);

  HartParameters parameters_;
  core::Clock clock_;
  Interpreter interpreter_;
  double slot_ps_;          // time of an instruction
  uint64_t whole_slot_ps_;  // the same when it is a whole number, else 0
  uint64_t quantum_ps_;

  uint64_t local_ps_ = 0;           // ahead of sc_time_stamp()
  uint64_t charged_ = 0;            // instructions of the current run that are in local_ps_
  uint64_t instruction_slots_ = 0;  // all instructions and traps so far, for clock edges without drift

  tlm::tlm_generic_payload payload_;
  std::vector<DirectMemory> direct_memory_;
  std::set<uint64_t> warned_;

  bool halted_ = false;
  bool idle_ = false;
  bool single_step_ = false;
  HartObserver* observer_ = nullptr;
  std::function<void(Hart&)> on_trap_loop_;
  sc_core::sc_event wake_{"wake"};

  uint64_t bus_accesses_ = 0;
  uint64_t bus_time_ps_ = 0;
  uint64_t idle_time_ps_ = 0;
  sc_core::sc_time idle_since_;
};

}  // namespace duet::models::riscv
