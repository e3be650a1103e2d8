// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/payload_access.hpp"

#include <algorithm>

namespace duet::memory {
namespace {

/// Bytes of the memory that the payload spans: a streaming width below the length wraps.
uint64_t span_bytes(const tlm::tlm_generic_payload& payload) {
  return std::min<uint64_t>(payload.get_streaming_width(), payload.get_data_length());
}

void access(tlm::tlm_command command, uint64_t address, uint8_t* data, uint64_t bytes, SparseStore& store) {
  if (command == tlm::TLM_READ_COMMAND) {
    store.read(address, data, bytes);
  } else {
    store.write(address, data, bytes);
  }
}

}  // namespace

tlm::tlm_response_status check_payload(const tlm::tlm_generic_payload& payload, uint64_t capacity) {
  if (payload.get_data_length() == 0 || payload.get_data_ptr() == nullptr ||
      payload.get_streaming_width() == 0)
    return tlm::TLM_BURST_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr && payload.get_byte_enable_length() == 0)
    return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  const uint64_t bytes = span_bytes(payload);
  if (payload.get_address() >= capacity || bytes > capacity - payload.get_address())
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  return tlm::TLM_OK_RESPONSE;
}

void access_store(tlm::tlm_generic_payload& payload, SparseStore& store) {
  const tlm::tlm_command command = payload.get_command();
  if (command == tlm::TLM_IGNORE_COMMAND) return;
  uint8_t* data = payload.get_data_ptr();
  const uint64_t length = payload.get_data_length();
  const uint64_t width = span_bytes(payload);
  const uint8_t* enables = payload.get_byte_enable_ptr();
  if (enables == nullptr) {
    for (uint64_t at = 0; at < length; at += width)
      access(command, payload.get_address(), data + at, std::min(width, length - at), store);
    return;
  }
  const uint64_t enable_length = payload.get_byte_enable_length();
  for (uint64_t at = 0; at < length; ++at) {
    if (enables[at % enable_length] == TLM_BYTE_ENABLED)
      access(command, payload.get_address() + at % width, data + at, 1, store);
  }
}

}  // namespace duet::memory
