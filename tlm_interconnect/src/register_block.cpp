// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/register_block.hpp"

#include <cstring>

namespace duet::tlm_interconnect {
namespace {

using enum RegisterAccess;

constexpr RegisterDeclaration chiplet_declarations[] = {
#define DUET_REGISTER(name, offset, reset, access, bits, text) {#name, offset, reset, access, bits, text},
#include "duet/sw_driver/registers.def"
#undef DUET_REGISTER
};
constexpr RegisterDeclaration package_declarations[] = {
#define DUET_REGISTER(name, offset, reset, access, bits, text) {#name, offset, reset, access, bits, text},
#include "duet/sw_driver/package_registers.def"
#undef DUET_REGISTER
};
constexpr RegisterDeclaration memory_declarations[] = {
#define DUET_REGISTER(name, offset, reset, access, bits, text) {#name, offset, reset, access, bits, text},
#include "duet/sw_driver/memory_registers.def"
#undef DUET_REGISTER
};

}  // namespace

std::span<const RegisterDeclaration> chiplet_registers() {
  return chiplet_declarations;
}

std::span<const RegisterDeclaration> package_registers() {
  return package_declarations;
}

std::span<const RegisterDeclaration> memory_registers() {
  return memory_declarations;
}

RegisterBlock::RegisterBlock(sc_core::sc_module_name name, std::span<const RegisterDeclaration> declarations,
                             sc_core::sc_time access_latency)
    : sc_module(name), access_latency_(access_latency) {
  for (const auto& declaration : declarations) {
    registers_.emplace(declaration.offset, Register{declaration, declaration.reset_value, {}, {}});
  }
  socket.register_b_transport(this, &RegisterBlock::b_transport);
  socket.register_transport_dbg(this, &RegisterBlock::transport_dbg);
}

void RegisterBlock::on_read(uint32_t offset, ReadCallback callback) {
  registers_.at(offset).read = std::move(callback);
}

void RegisterBlock::on_write(uint32_t offset, WriteCallback callback) {
  registers_.at(offset).write = std::move(callback);
}

uint32_t RegisterBlock::value(uint32_t offset) const {
  const Register& source = registers_.at(offset);
  return source.read ? source.read() : source.value;
}

void RegisterBlock::set_value(uint32_t offset, uint32_t value) {
  registers_.at(offset).value = value;
}

void RegisterBlock::reset_values() {
  for (auto& [offset, target] : registers_) target.value = target.declaration.reset_value;
}

void RegisterBlock::write(Register& target, uint32_t value) {
  value &= target.declaration.bits;
  target.value = target.declaration.access == write_one_to_clear ? target.value & ~value : value;
  if (target.write) target.write(value);
}

tlm::tlm_response_status RegisterBlock::access(tlm::tlm_generic_payload& payload) {
  if (payload.get_data_length() != 4 || payload.get_address() % 4 != 0 || payload.get_streaming_width() < 4) {
    return tlm::TLM_BURST_ERROR_RESPONSE;
  }
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  const auto found = registers_.find(static_cast<uint32_t>(payload.get_address()));
  if (payload.get_address() > UINT32_MAX || found == registers_.end()) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  Register& target = found->second;
  if (payload.is_read()) {
    if (target.declaration.access == write_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    const uint32_t result = target.read ? target.read() : target.value;
    std::memcpy(payload.get_data_ptr(), &result, sizeof result);
  } else if (payload.is_write()) {
    if (target.declaration.access == read_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    uint32_t written = 0;
    std::memcpy(&written, payload.get_data_ptr(), sizeof written);
    write(target, written);
  }
  return tlm::TLM_OK_RESPONSE;
}

void RegisterBlock::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  delay += access_latency_;
  payload.set_response_status(access(payload));
  payload.set_dmi_allowed(false);
}

unsigned RegisterBlock::transport_dbg(tlm::tlm_generic_payload& payload) {
  const auto found = registers_.find(static_cast<uint32_t>(payload.get_address()));
  if (found == registers_.end() || payload.get_data_length() < 4) return 0;
  if (payload.is_read()) {
    const uint32_t result = value(found->first);
    std::memcpy(payload.get_data_ptr(), &result, sizeof result);
  } else if (payload.is_write()) {
    std::memcpy(&found->second.value, payload.get_data_ptr(), sizeof found->second.value);
  }
  return 4;
}

}  // namespace duet::tlm_interconnect
