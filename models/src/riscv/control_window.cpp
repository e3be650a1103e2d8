// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/control_window.hpp"

namespace duet::models::riscv {

ControlWindow::ControlWindow(sc_core::sc_module_name name, sc_core::sc_time latency)
    : sc_module(name), latency_(latency) {
  socket.register_b_transport(this, &ControlWindow::b_transport);
  socket.register_transport_dbg(this, &ControlWindow::transport_dbg);
}

void ControlWindow::set_translation(uint64_t base, uint64_t stride, uint64_t bus_stride) {
  base_ = base;
  stride_ = stride;
  bus_stride_ = bus_stride;
}

uint64_t ControlWindow::translate(uint64_t offset) const {
  return base_ + offset / stride_ * bus_stride_ + offset % stride_;
}

void ControlWindow::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  wait(delay + latency_);
  delay = sc_core::SC_ZERO_TIME;
  if (packages.size() == 0) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else {
    const uint64_t offset = payload.get_address();
    payload.set_address(translate(offset));
    packages->b_transport(payload, delay);
    payload.set_address(offset);
  }
  payload.set_dmi_allowed(false);
  wait(delay + latency_);
  delay = sc_core::SC_ZERO_TIME;
}

unsigned ControlWindow::transport_dbg(tlm::tlm_generic_payload& payload) {
  if (packages.size() == 0) return 0;
  const uint64_t offset = payload.get_address();
  payload.set_address(translate(offset));
  const unsigned count = packages->transport_dbg(payload);
  payload.set_address(offset);
  return count;
}

}  // namespace duet::models::riscv
