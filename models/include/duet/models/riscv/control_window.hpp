// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <systemc>
#include <tlm>

namespace duet::models::riscv {

/// The way from the board to the packages' control bus. It brings the initiator's local time into step
/// before and after each access, so that a doorbell reaches its chiplet at the time it was rung and
/// an interrupt line that the access lowers is low when the initiator goes on. An access without
/// a package behind the window is a TLM_ADDRESS_ERROR_RESPONSE.
class ControlWindow : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<ControlWindow> socket{"socket"};
  tlm_utils::simple_initiator_socket_optional<ControlWindow> packages{"packages"};

  ControlWindow(sc_core::sc_module_name name, sc_core::sc_time latency);

  /// The control bus may need wider addresses than a hart can issue: block i of `stride` bytes of the window
  /// stands for `base + i * bus_stride` of the bus. Without it offsets go out as they are.
  void set_translation(uint64_t base, uint64_t stride, uint64_t bus_stride);
  [[nodiscard]] uint64_t stride() const { return stride_; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);

  [[nodiscard]] uint64_t translate(uint64_t offset) const;

  sc_core::sc_time latency_;
  uint64_t base_ = 0;
  uint64_t stride_ = 4096;
  uint64_t bus_stride_ = 4096;
};

}  // namespace duet::models::riscv
