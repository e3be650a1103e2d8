// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

namespace duet::models::riscv {

/// The board's address decoder: loosely timed, no time of its own, DMI and debug passed through.
class BoardBus : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<BoardBus> socket{"socket"};

  struct Window {
    uint64_t base;
    uint64_t bytes;
    std::string name;
  };

  explicit BoardBus(sc_core::sc_module_name name);

  /// Maps a target, which sees offsets. Throws core::UserError when the window overlaps another.
  void map(const std::string& window_name, uint64_t base, uint64_t bytes,
           tlm::tlm_base_target_socket_b<>& target);

  /// All windows by rising address.
  [[nodiscard]] std::vector<Window> windows() const;

 private:
  using InitiatorSocket = tlm_utils::simple_initiator_socket_tagged<BoardBus>;
  struct Mapping {
    Window window;
    std::unique_ptr<InitiatorSocket> socket;
  };

  Mapping* find(uint64_t address);
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int initiator, tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int mapping, sc_dt::uint64 begin, sc_dt::uint64 end);

  std::vector<std::unique_ptr<Mapping>> mappings_;  // by rising address
  Mapping* last_ = nullptr;                         // the one that was found last
  std::vector<uint64_t> bases_;                     // in the order of map(), for invalidation
};

}  // namespace duet::models::riscv
