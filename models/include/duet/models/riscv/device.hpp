// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <systemc>
#include <tlm>

namespace duet::models::riscv {

/// A device of the board behind a loosely timed target socket: takes naturally aligned accesses of 1, 2, 4
/// or 8 bytes without byte enables and hands them to `load` and `store`.
class Device : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Device> socket{"socket"};

  Device(sc_core::sc_module_name name, sc_core::sc_time latency) : sc_module(name), latency_(latency) {
    socket.register_b_transport(this, &Device::b_transport);
    socket.register_transport_dbg(this, &Device::transport_dbg);
  }

 protected:
  /// False: no such register. `now` is the initiator's local time; `debug` forbids side effects.
  virtual bool load(uint64_t offset, unsigned bytes, sc_core::sc_time now, bool debug, uint64_t& value) = 0;
  virtual bool store(uint64_t offset, unsigned bytes, sc_core::sc_time now, uint64_t value) = 0;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);

  sc_core::sc_time latency_;
};

}  // namespace duet::models::riscv
