// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/control_window.hpp"

namespace duet::models::riscv {

ControlWindow::ControlWindow(sc_core::sc_module_name name, sc_core::sc_time latency)
    : sc_module(name), latency_(latency) {
  socket.register_b_transport(this, &ControlWindow::b_transport);
  socket.register_transport_dbg(this, &ControlWindow::transport_dbg);
}

void ControlWindow::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  wait(delay + latency_);
  delay = sc_core::SC_ZERO_TIME;
  if (packages.size() == 0) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else {
    packages->b_transport(payload, delay);
  }
  payload.set_dmi_allowed(false);
  wait(delay + latency_);
  delay = sc_core::SC_ZERO_TIME;
}

unsigned ControlWindow::transport_dbg(tlm::tlm_generic_payload& payload) {
  return packages.size() == 0 ? 0 : packages->transport_dbg(payload);
}

}  // namespace duet::models::riscv
