// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/board_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace duet::models::riscv {

BoardMemory::BoardMemory(sc_core::sc_module_name name, uint64_t bytes, bool writable,
                         sc_core::sc_time latency)
    : sc_module(name), size_(bytes), writable_(writable), latency_(latency) {
  void* const pages =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<uint8_t*>(pages);
  socket.register_b_transport(this, &BoardMemory::b_transport);
  socket.register_transport_dbg(this, &BoardMemory::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &BoardMemory::get_direct_mem_ptr);
}

BoardMemory::~BoardMemory() {
  munmap(data_, size_);
}

void BoardMemory::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  delay += latency_;
  const uint64_t address = payload.get_address();
  const unsigned bytes = payload.get_data_length();
  if (address >= size_ || bytes > size_ - address) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (payload.get_streaming_width() < bytes) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (payload.is_read()) {
    std::memcpy(payload.get_data_ptr(), data_ + address, bytes);
  } else if (payload.is_write()) {
    if (!writable_) {
      payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
      return;
    }
    std::memcpy(data_ + address, payload.get_data_ptr(), bytes);
  }
  payload.set_dmi_allowed(true);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned BoardMemory::transport_dbg(tlm::tlm_generic_payload& payload) {
  const uint64_t address = payload.get_address();
  if (address >= size_) return 0;
  const auto bytes = static_cast<unsigned>(std::min<uint64_t>(payload.get_data_length(), size_ - address));
  if (payload.is_read()) std::memcpy(payload.get_data_ptr(), data_ + address, bytes);
  if (payload.is_write()) std::memcpy(data_ + address, payload.get_data_ptr(), bytes);
  return bytes;
}

bool BoardMemory::get_direct_mem_ptr(tlm::tlm_generic_payload& /*payload*/, tlm::tlm_dmi& dmi) {
  dmi.init();
  dmi.set_dmi_ptr(data_);
  dmi.set_start_address(0);
  dmi.set_end_address(size_ - 1);
  dmi.set_read_latency(latency_);
  dmi.set_write_latency(latency_);
  dmi.set_granted_access(writable_ ? tlm::tlm_dmi::DMI_ACCESS_READ_WRITE : tlm::tlm_dmi::DMI_ACCESS_READ);
  return true;
}

}  // namespace duet::models::riscv
