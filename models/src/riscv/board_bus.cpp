// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/board_bus.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"

namespace duet::models::riscv {

BoardBus::BoardBus(sc_core::sc_module_name name) : sc_module(name) {
  socket.register_b_transport(this, &BoardBus::b_transport);
  socket.register_transport_dbg(this, &BoardBus::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &BoardBus::get_direct_mem_ptr);
}

void BoardBus::map(const std::string& window_name, uint64_t base, uint64_t bytes,
                   tlm::tlm_base_target_socket_b<>& target) {
  for (const auto& other : mappings_) {
    const Window& window = other->window;
    if (base < window.base + window.bytes && window.base < base + bytes) {
      throw core::UserError(fmt::format("board: {} at {:#x}+{:#x} overlaps {} at {:#x}+{:#x}", window_name,
                                        base, bytes, window.name, window.base, window.bytes));
    }
  }
  auto mapping = std::make_unique<Mapping>();
  mapping->window = {base, bytes, window_name};
  mapping->socket = std::make_unique<InitiatorSocket>(("to_" + window_name).c_str());
  mapping->socket->register_invalidate_direct_mem_ptr(this, &BoardBus::invalidate_direct_mem_ptr,
                                                      static_cast<int>(bases_.size()));
  mapping->socket->bind(target);
  bases_.push_back(base);
  const auto after =
      std::ranges::upper_bound(mappings_, base, {}, [](const auto& m) { return m->window.base; });
  mappings_.insert(after, std::move(mapping));
}

std::vector<BoardBus::Window> BoardBus::windows() const {
  std::vector<Window> result;
  result.reserve(mappings_.size());
  for (const auto& mapping : mappings_) result.push_back(mapping->window);
  return result;
}

BoardBus::Mapping* BoardBus::find(uint64_t address) {
  if (last_ != nullptr && address - last_->window.base < last_->window.bytes) return last_;
  for (const auto& mapping : mappings_) {
    if (address - mapping->window.base < mapping->window.bytes) return last_ = mapping.get();
  }
  return nullptr;
}

void BoardBus::b_transport(int /*initiator*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const uint64_t address = payload.get_address();
  Mapping* mapping = find(address);
  if (mapping == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  payload.set_address(address - mapping->window.base);
  (*mapping->socket)->b_transport(payload, delay);
  payload.set_address(address);
}

unsigned BoardBus::transport_dbg(int /*initiator*/, tlm::tlm_generic_payload& payload) {
  const uint64_t address = payload.get_address();
  Mapping* mapping = find(address);
  if (mapping == nullptr) return 0;
  payload.set_address(address - mapping->window.base);
  const unsigned count = (*mapping->socket)->transport_dbg(payload);
  payload.set_address(address);
  return count;
}

bool BoardBus::get_direct_mem_ptr(int /*initiator*/, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  const uint64_t address = payload.get_address();
  Mapping* mapping = find(address);
  if (mapping == nullptr) return false;
  const Window& window = mapping->window;
  payload.set_address(address - window.base);
  const bool granted = (*mapping->socket)->get_direct_mem_ptr(payload, dmi);
  payload.set_address(address);
  dmi.set_start_address(dmi.get_start_address() + window.base);
  dmi.set_end_address(std::min<uint64_t>(dmi.get_end_address(), window.bytes - 1) + window.base);
  return granted;
}

void BoardBus::invalidate_direct_mem_ptr(int mapping, sc_dt::uint64 begin, sc_dt::uint64 end) {
  const uint64_t base = bases_[static_cast<size_t>(mapping)];
  for (unsigned i = 0; i < socket.size(); ++i)
    socket[static_cast<int>(i)]->invalidate_direct_mem_ptr(begin + base, end + base);
}

}  // namespace duet::models::riscv
