// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

namespace duet::tlm_interconnect {

/// The loosely timed bus by which drivers reach control registers: one target socket for all
/// initiators, one initiator socket per mapped target. Adds `latency` each way. An access outside
/// every window is a TLM_ADDRESS_ERROR_RESPONSE.
class ControlBus : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<ControlBus> socket{"socket"};

  ControlBus(sc_core::sc_module_name name, sc_core::sc_time latency);

  /// Adds a window of `size` bytes at `base` and binds `target` to it; the target sees offsets.
  /// Throws std::logic_error when the window overlaps another.
  void map(uint64_t base, uint64_t size, tlm::tlm_base_target_socket_b<>& target);

  struct Access {
    uint64_t address = 0;
    bool write = false;
    uint64_t begin_ps = 0;
    uint64_t end_ps = 0;
  };
  /// Called after each access (traces). Several may look on.
  void on_access(std::function<void(const Access&)> observer) { observers_.push_back(std::move(observer)); }
  /// Nobody looks on any more.
  void forget_observers() { observers_.clear(); }

 private:
  using InitiatorSocket = tlm_utils::simple_initiator_socket_tagged<ControlBus>;
  struct Window {
    uint64_t base;
    uint64_t size;
    std::unique_ptr<InitiatorSocket> socket;
  };

  Window* find(tlm::tlm_generic_payload& payload);
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);

  std::vector<Window> windows_;  // sorted by base
  sc_core::sc_time latency_;
  std::vector<std::function<void(const Access&)>> observers_;
};

}  // namespace duet::tlm_interconnect
