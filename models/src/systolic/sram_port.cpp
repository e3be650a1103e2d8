// SPDX-License-Identifier: Apache-2.0
#include "duet/models/systolic/sram_port.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/models/numerics/fp16.hpp"

namespace duet::models {
namespace {

constexpr uint64_t largest_transfer = 4096;
constexpr unsigned half_bytes = 2;

}  // namespace

bool SramPort::transport(tlm::tlm_command command, uint64_t address, void* data, uint64_t bytes) {
  for (uint64_t at = 0; at < bytes; at += largest_transfer) {
    tlm::tlm_generic_payload payload;
    const auto length = static_cast<unsigned>(std::min(largest_transfer, bytes - at));
    payload.set_command(command);
    payload.set_address(address + at);
    payload.set_data_ptr(static_cast<unsigned char*>(data) + at);
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    if (!payload.is_response_ok()) {
      SC_REPORT_WARNING("array",
                        fmt::format("{}: {} at {:#x} at {}: {}", name(),
                                    command == tlm::TLM_READ_COMMAND ? "read" : "write", address + at,
                                    sc_core::sc_time_stamp().to_string(), payload.get_response_string())
                            .c_str());
      return false;
    }
  }
  return true;
}

bool SramPort::read(uint64_t address, std::vector<uint16_t>& halves) {
  return transport(tlm::TLM_READ_COMMAND, address, halves.data(), halves.size() * half_bytes);
}

bool SramPort::write(uint64_t address, const std::vector<uint16_t>& halves) {
  std::vector<uint16_t> copy = halves;
  return transport(tlm::TLM_WRITE_COMMAND, address, copy.data(), copy.size() * half_bytes);
}

bool SramPort::read_sums(uint64_t address, unsigned word_bytes, std::vector<float>& sums) {
  if (word_bytes != half_bytes) {
    return transport(tlm::TLM_READ_COMMAND, address, sums.data(), sums.size() * sizeof(float));
  }
  std::vector<uint16_t> halves(sums.size());
  const bool ok = read(address, halves);
  std::transform(halves.begin(), halves.end(), sums.begin(), fp16_to_float);
  return ok;
}

bool SramPort::write_sums(uint64_t address, unsigned word_bytes, const std::vector<float>& sums) {
  if (word_bytes == half_bytes) {
    std::vector<uint16_t> halves(sums.size());
    std::transform(sums.begin(), sums.end(), halves.begin(), fp16_from_float);
    return write(address, halves);
  }
  std::vector<float> copy = sums;
  return transport(tlm::TLM_WRITE_COMMAND, address, copy.data(), copy.size() * sizeof(float));
}

}  // namespace duet::models
