// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/control_bus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace duet::tlm_interconnect {

ControlBus::ControlBus(sc_core::sc_module_name name, sc_core::sc_time latency)
    : sc_module(name), latency_(latency) {
  socket.register_b_transport(this, &ControlBus::b_transport);
  socket.register_transport_dbg(this, &ControlBus::transport_dbg);
}

void ControlBus::map(uint64_t base, uint64_t size, tlm::tlm_base_target_socket_b<>& target) {
  const auto next = std::ranges::upper_bound(windows_, base, {}, &Window::base);
  const bool overlaps_next = next != windows_.end() && base + size > next->base;
  const bool overlaps_previous =
      next != windows_.begin() && std::prev(next)->base + std::prev(next)->size > base;
  if (overlaps_next || overlaps_previous) {
    throw std::logic_error(fmt::format("control window {:#x}+{:#x} overlaps another", base, size));
  }
  // The socket belongs to this module, whoever maps the window.
  simcontext()->hierarchy_push(this);
  auto initiator = std::make_unique<InitiatorSocket>(fmt::format("window_{:x}", base).c_str());
  simcontext()->hierarchy_pop();
  initiator->bind(target);
  windows_.insert(next, Window{base, size, std::move(initiator)});
}

ControlBus::Window* ControlBus::find(tlm::tlm_generic_payload& payload) {
  const uint64_t address = payload.get_address();
  auto next = std::ranges::upper_bound(windows_, address, {}, &Window::base);
  if (next == windows_.begin()) return nullptr;
  Window& window = *std::prev(next);
  return address - window.base < window.size ? &window : nullptr;
}

void ControlBus::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  Window* window = find(payload);
  const sc_core::sc_time begin = sc_core::sc_time_stamp() + delay;
  delay += latency_;
  if (window == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const uint64_t address = payload.get_address();
  payload.set_address(address - window->base);
  (*window->socket)->b_transport(payload, delay);
  payload.set_address(address);
  delay += latency_;
  for (const auto& observer : observers_) {
    observer({address, payload.is_write(), begin.value(), (sc_core::sc_time_stamp() + delay).value()});
  }
}

unsigned ControlBus::transport_dbg(tlm::tlm_generic_payload& payload) {
  Window* window = find(payload);
  if (window == nullptr) return 0;
  const uint64_t address = payload.get_address();
  payload.set_address(address - window->base);
  const unsigned count = (*window->socket)->transport_dbg(payload);
  payload.set_address(address);
  return count;
}

}  // namespace duet::tlm_interconnect
