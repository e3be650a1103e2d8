// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/device.hpp"

#include <bit>
#include <cstring>

namespace duet::models::riscv {

void Device::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const unsigned bytes = payload.get_data_length();
  const uint64_t offset = payload.get_address();
  delay += latency_;
  if (bytes > 8 || !std::has_single_bit(bytes) || offset % bytes != 0 ||
      payload.get_streaming_width() < bytes) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  uint64_t value = 0;
  bool known = true;
  const sc_core::sc_time now = sc_core::sc_time_stamp() + delay;
  if (payload.is_read()) {
    known = load(offset, bytes, now, false, value);
    std::memcpy(payload.get_data_ptr(), &value, bytes);
  } else if (payload.is_write()) {
    std::memcpy(&value, payload.get_data_ptr(), bytes);
    known = store(offset, bytes, now, value);
  }
  payload.set_response_status(known ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned Device::transport_dbg(tlm::tlm_generic_payload& payload) {
  const unsigned bytes = payload.get_data_length();
  if (!payload.is_read() || bytes > 8 || !std::has_single_bit(bytes) || payload.get_address() % bytes != 0)
    return 0;
  uint64_t value = 0;
  if (!load(payload.get_address(), bytes, sc_core::sc_time_stamp(), true, value)) return 0;
  std::memcpy(payload.get_data_ptr(), &value, bytes);
  return bytes;
}

}  // namespace duet::models::riscv
