// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/hart.hpp"

#include <fmt/format.h>

#include <cmath>

namespace duet::models::riscv {
namespace {

sc_core::sc_time picoseconds(uint64_t value) {
  return sc_core::sc_time::from_value(value);  // the resolution is 1 ps
}

}  // namespace

Hart::Hart(sc_core::sc_module_name name, const HartParameters& parameters, ReservationMonitor& reservations)
    : sc_module(name),
      parameters_(parameters),
      clock_(parameters.frequency_hz),
      interpreter_(parameters.hart_id, *this, reservations),
      slot_ps_(parameters.cycles_per_instruction * clock_.period_ps()),
      whole_slot_ps_(slot_ps_ == std::floor(slot_ps_) ? static_cast<uint64_t>(slot_ps_) : 0),
      quantum_ps_(static_cast<uint64_t>(static_cast<double>(parameters.quantum_instructions) * slot_ps_)) {
  socket.register_invalidate_direct_mem_ptr(this, &Hart::invalidate_direct_mem_ptr);
  interpreter_.reset(parameters.reset_pc);
  SC_HAS_PROCESS(Hart);
  SC_THREAD(execute);
}

void Hart::set_interrupt(Interrupt line, bool level) {
  interpreter_.set_interrupt(line, level);
  if (level && idle_) wake_.notify(sc_core::SC_ZERO_TIME);
}

void Hart::halt() {
  halted_ = true;
  interpreter_.request_stop();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Hart::charge_instructions() {
  const uint64_t now = interpreter_.cycles_in_run();
  const uint64_t before = instruction_slots_;
  instruction_slots_ += now - charged_;
  charged_ = now;
  local_ps_ += slot_edge_ps(instruction_slots_) - slot_edge_ps(before);
}

sc_core::sc_time Hart::local_time() const {
  return sc_core::sc_time_stamp() + picoseconds(local_ps_);
}

uint64_t Hart::cycles() {
  charge_instructions();
  return static_cast<uint64_t>(static_cast<double>(local_time().value()) / clock_.period_ps());
}

uint64_t Hart::time_ticks() {
  charge_instructions();
  return static_cast<uint64_t>(static_cast<double>(local_time().value()) * parameters_.timebase_hz * 1e-12);
}

void Hart::synchronise() {
  const uint64_t ahead = local_ps_;
  local_ps_ = 0;
  if (ahead != 0) wait(picoseconds(ahead));
}

void Hart::wait_for_interrupt() {
  synchronise();
  idle_since_ = sc_core::sc_time_stamp();
  idle_ = true;
  while (!interpreter_.csrs().wakes() && !halted_ && !single_step_) {
    wait(wake_);
    if (observer_ != nullptr) observer_->poll(*this);
  }
  idle_ = false;
  idle_time_ps_ += (sc_core::sc_time_stamp() - idle_since_).value();
}

uint64_t Hart::idle_time_now_ps() const {
  return idle_time_ps_ + (idle_ ? (sc_core::sc_time_stamp() - idle_since_).value() : 0);
}

void Hart::stopped(Stop reason) {
  if (reason == Stop::trap_loop) {
    if (observer_ != nullptr) observer_->stopped(*this, reason);
    halt();
    if (on_trap_loop_) on_trap_loop_(*this);
  } else if (observer_ != nullptr) {
    observer_->stopped(*this, reason);
  }
}

void Hart::execute() {
  for (;;) {
    if (observer_ != nullptr) observer_->poll(*this);
    if (halted_) {
      synchronise();
      wait(wake_);
      continue;
    }
    const bool step = single_step_;
    const double left = static_cast<double>(quantum_ps_ > local_ps_ ? quantum_ps_ - local_ps_ : 0);
    const auto budget =
        static_cast<uint64_t>(std::ceil(left / (parameters_.cycles_per_instruction * clock_.period_ps())));
    charged_ = 0;
    const Stop reason = interpreter_.run(step ? 1 : std::max<uint64_t>(budget, 1));
    charge_instructions();
    charged_ = interpreter_.cycles_in_run();
    if (reason == Stop::wait_for_interrupt && !step) {
      wait_for_interrupt();
    } else if (reason == Stop::breakpoint || reason == Stop::watchpoint || reason == Stop::trap_loop) {
      stopped(reason);
    } else if (step && reason != Stop::requested) {
      stopped(Stop::budget);
    }
    if (local_ps_ >= quantum_ps_) synchronise();
  }
}

bool Hart::transport(tlm::tlm_command command, uint64_t address, void* data, unsigned bytes) {
  charge_instructions();
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(static_cast<unsigned char*>(data));
  payload_.set_data_length(bytes);
  payload_.set_streaming_width(bytes);
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  const uint64_t before = sc_core::sc_time_stamp().value() + local_ps_;
  sc_core::sc_time delay = picoseconds(local_ps_);
  socket->b_transport(payload_, delay);
  local_ps_ = delay.value();
  ++bus_accesses_;
  bus_time_ps_ += sc_core::sc_time_stamp().value() + local_ps_ - before;
  if (payload_.is_dmi_allowed()) learn_direct_memory(address);
  if (payload_.is_response_ok()) return true;
  if (warned_.size() < 16 && warned_.insert(address).second) {
    SC_REPORT_WARNING(name(), fmt::format("{} of {} bytes at {:#x} got {} at {}",
                                          command == tlm::TLM_READ_COMMAND ? "read" : "write", bytes, address,
                                          payload_.get_response_string(), local_time().to_string())
                                  .c_str());
  }
  return false;
}

bool Hart::read(uint64_t address, void* data, unsigned bytes) {
  return transport(tlm::TLM_READ_COMMAND, address, data, bytes);
}

bool Hart::write(uint64_t address, const void* data, unsigned bytes) {
  return transport(tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(data), bytes);
}

void Hart::learn_direct_memory(uint64_t address) {
  tlm::tlm_dmi dmi;
  payload_.set_address(address);
  if (!socket->get_direct_mem_ptr(payload_, dmi) || dmi.get_end_address() == ~uint64_t{0}) return;
  direct_memory_.push_back({dmi.get_dmi_ptr(), dmi.get_start_address(), dmi.get_end_address() + 1,
                            dmi.is_read_allowed(), dmi.is_write_allowed()});
}

DirectMemory Hart::direct_memory(uint64_t address) {
  for (const DirectMemory& memory : direct_memory_) {
    if (address >= memory.begin && address < memory.end) return memory;
  }
  return {};
}

void Hart::invalidate_direct_mem_ptr(sc_dt::uint64 /*begin*/, sc_dt::uint64 /*end*/) {
  direct_memory_.clear();
  interpreter_.invalidate_direct_memory();
}

}  // namespace duet::models::riscv
