// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <memory>
#include <span>
#include <systemc>
#include <tlm>

namespace duet::models::riscv {

/// RAM or ROM of the board: zeroed, committed by the host page by page as it is touched, DMI granted.
/// Writes to a ROM are a TLM_COMMAND_ERROR_RESPONSE; debug writes are always taken.
class BoardMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<BoardMemory> socket{"socket"};

  BoardMemory(sc_core::sc_module_name name, uint64_t bytes, bool writable, sc_core::sc_time latency);
  ~BoardMemory() override;
  BoardMemory(const BoardMemory&) = delete;
  BoardMemory& operator=(const BoardMemory&) = delete;

  [[nodiscard]] std::span<uint8_t> bytes() { return {data_, size_}; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

  uint8_t* data_;
  uint64_t size_;
  bool writable_;
  sc_core::sc_time latency_;
};

}  // namespace duet::models::riscv
