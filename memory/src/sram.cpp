// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/sram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "duet/core/tlm_extensions.hpp"
#include "duet/memory/payload_access.hpp"

namespace duet::memory {

Sram::Sram(sc_core::sc_module_name name, const core::SramDescription& description)
    : sc_core::sc_module(name),
      ports("port", description.ports),
      description_(description),
      clock_(description.clock_hz),
      data_(description.bytes),
      port_free_(description.ports),
      bank_free_(description.banks) {
  for (size_t port = 0; port < ports.size(); ++port) {
    const auto id = static_cast<int>(port);
    ports[port].register_b_transport(this, &Sram::b_transport, id);
    ports[port].register_transport_dbg(this, &Sram::transport_dbg, id);
    ports[port].register_get_direct_mem_ptr(this, &Sram::get_direct_mem_ptr, id);
  }
}

void Sram::b_transport(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const tlm::tlm_response_status status = check_payload(payload, description_.bytes);
  payload.set_response_status(status);
  payload.set_dmi_allowed(status == tlm::TLM_OK_RESPONSE);
  if (status != tlm::TLM_OK_RESPONSE) {
    warn(port, payload);
    return;
  }
  const uint64_t bytes = std::min<uint64_t>(payload.get_data_length(), payload.get_streaming_width());
  if (payload.get_extension<core::TimingOnlyExtension>() == nullptr) access(payload);
  ++(payload.is_write() ? counters_.writes : counters_.reads);
  (payload.is_write() ? counters_.bytes_written : counters_.bytes_read) += bytes;
  const uint64_t now_ps = sc_core::sc_time_stamp().value() + delay.value();
  delay =
      sc_core::sc_time::from_value(serve(static_cast<size_t>(port), payload.get_address(), bytes, now_ps) -
                                   sc_core::sc_time_stamp().value());
}

/// Reserves port and banks and returns when the last word is there, in ps.
uint64_t Sram::serve(size_t port, uint64_t address, uint64_t bytes, uint64_t now_ps) {
  const uint64_t banks = bank_free_.size();
  const uint64_t width = description_.bank_bytes_per_cycle;
  const uint64_t start = std::max(clock_.cycle_at_or_after(now_ps), port_free_[port]);
  uint64_t end = start + (bytes + description_.port_bytes_per_cycle - 1) / description_.port_bytes_per_cycle;
  port_free_[port] = end;
  const uint64_t first = address / width;
  const uint64_t last = (address + bytes - 1) / width;
  for (uint64_t word = first; word <= last && word < first + banks; ++word) {
    uint64_t& free = bank_free_[word % banks];
    const uint64_t accesses = (last - word) / banks + 1;
    const uint64_t begin = std::max(free, start);
    counters_.conflict_cycles += begin - start;
    counters_.bank_cycles += accesses;
    free = begin + accesses;
    end = std::max(end, free);
  }
  port_free_[port] = std::max(port_free_[port], end);
  return clock_.edge_ps(end + description_.access_cycles);
}

void Sram::access(tlm::tlm_generic_payload& payload) {
  uint8_t* data = payload.get_data_ptr();
  const uint64_t length = payload.get_data_length();
  const uint64_t width = std::min<uint64_t>(payload.get_streaming_width(), length);
  const uint8_t* enables = payload.get_byte_enable_ptr();
  uint8_t* memory = data_.data() + payload.get_address();
  const auto copy = [&](uint8_t* at, uint8_t* value, uint64_t bytes) {
    if (payload.is_read()) std::memcpy(value, at, bytes);
    if (payload.is_write()) std::memcpy(at, value, bytes);
  };
  if (enables == nullptr) {
    for (uint64_t at = 0; at < length; at += width) copy(memory, data + at, std::min(width, length - at));
    return;
  }
  for (uint64_t at = 0; at < length; ++at) {
    if (enables[at % payload.get_byte_enable_length()] == TLM_BYTE_ENABLED)
      copy(memory + at % width, data + at, 1);
  }
}

unsigned Sram::transport_dbg(int /*port*/, tlm::tlm_generic_payload& payload) {
  if (payload.get_address() >= description_.bytes || payload.get_data_ptr() == nullptr) return 0;
  const auto bytes = static_cast<unsigned>(
      std::min<uint64_t>(payload.get_data_length(), description_.bytes - payload.get_address()));
  uint8_t* memory = data_.data() + payload.get_address();
  if (payload.is_read()) std::memcpy(payload.get_data_ptr(), memory, bytes);
  if (payload.is_write()) std::memcpy(memory, payload.get_data_ptr(), bytes);
  return bytes;
}

bool Sram::get_direct_mem_ptr(int /*port*/, tlm::tlm_generic_payload& /*payload*/, tlm::tlm_dmi& dmi) {
  dmi.set_dmi_ptr(data_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(description_.bytes - 1);
  const auto latency = sc_core::sc_time::from_value(clock_.edge_ps(description_.access_cycles + 1));
  dmi.set_read_latency(latency);
  dmi.set_write_latency(latency);
  dmi.allow_read_write();
  return true;
}

void Sram::register_statistics(core::StatisticsRegistry& registry) const {
  const auto add = [&](const char* counter, const char* unit, const char* text,
                       uint64_t SramCounters::*member) {
    registry.add(std::string(name()) + "." + counter, unit, text,
                 [this, member] { return static_cast<double>(counters_.*member); });
  };
  add("reads", "1", "read transactions", &SramCounters::reads);
  add("writes", "1", "write transactions", &SramCounters::writes);
  add("bytes_read", "B", "bytes read", &SramCounters::bytes_read);
  add("bytes_written", "B", "bytes written", &SramCounters::bytes_written);
  add("bank_cycles", "cycles", "word accesses, summed over the banks", &SramCounters::bank_cycles);
  add("conflict_cycles", "cycles", "waits for a busy bank, summed over accesses",
      &SramCounters::conflict_cycles);
  add("errors", "1", "transactions answered with an error response", &SramCounters::errors);
}

void Sram::warn(int port, const tlm::tlm_generic_payload& payload) {
  ++counters_.errors;
  if (warned_) return;
  warned_ = true;
  SC_REPORT_WARNING(
      "duet.memory",
      fmt::format("{}: {} of {} B at offset {:#x} through port {} answered with {} at {} (capacity {:#x}); "
                  "further errors are only counted",
                  name(), payload.is_write() ? "write" : "read", payload.get_data_length(),
                  payload.get_address(), port, payload.get_response_string(),
                  sc_core::sc_time_stamp().to_string(), description_.bytes)
          .c_str());
}

}  // namespace duet::memory
