// SPDX-License-Identifier: Apache-2.0
// The slow path of loads and stores: permission, watchpoints, first touch of a page, devices.
#include <cstring>

#include "duet/models/riscv/interpreter.hpp"

namespace duet::models::riscv {

bool Interpreter::may_access(uint64_t address, unsigned bytes, Access access, Exception misaligned,
                             Exception fault) {
  if ((address & (bytes - 1)) != 0) return fail(misaligned, address);
  if (!csrs_.pmp.allows(address, bytes, access, csrs_.data_privilege(privilege_)))
    return fail(fault, address);
  return true;
}

void Interpreter::note_watchpoint(uint64_t address, unsigned bytes, bool is_write) {
  for (const Watchpoint& watchpoint : watchpoints_) {
    const bool kind = is_write ? watchpoint.on_write : watchpoint.on_read;
    if (kind && address < watchpoint.end && address + bytes > watchpoint.begin)
      watch_hit_ = {watchpoint, address};
  }
}

uint8_t* Interpreter::fill_direct(uint64_t address, Access access) {
  const DirectMemory memory = port_->direct_memory(address);
  const bool usable = access == Access::read ? memory.readable : memory.writable;
  if (memory.data == nullptr || !usable || address < memory.begin || address >= memory.end) return nullptr;
  uint8_t* const host = memory.data + (address - memory.begin);
  const uint64_t page_address = address & ~(page_bytes - 1);
  if (page_address < memory.begin || memory.end - page_address < page_bytes) return host;
  if (!csrs_.pmp.uniform(page_address, page_bytes)) return host;
  for (const Watchpoint& watchpoint : watchpoints_) {
    if (watchpoint.begin < page_address + page_bytes && watchpoint.end > page_address) return host;
  }
  DirectPage& page = direct_[(address >> page_bits) % direct_entries];
  if (page.read_tag != page_address) page.read_tag = ~uint64_t{0};
  if (page.write_tag != page_address) page.write_tag = ~uint64_t{0};
  (access == Access::read ? page.read_tag : page.write_tag) = page_address;
  page.offset = reinterpret_cast<uintptr_t>(host) - address;
  return host;
}

bool Interpreter::load_slow(uint64_t address, void* data, unsigned bytes) {
  if (!may_access(address, bytes, Access::read, Exception::load_misaligned, Exception::load_access_fault)) {
    return false;
  }
  if (!watchpoints_.empty()) note_watchpoint(address, bytes, false);
  if (const uint8_t* host = fill_direct(address, Access::read)) {
    std::memcpy(data, host, bytes);
    return true;
  }
  return port_->read(address, data, bytes) || fail(Exception::load_access_fault, address);
}

bool Interpreter::store_slow(uint64_t address, const void* data, unsigned bytes) {
  if (!may_access(address, bytes, Access::write, Exception::store_misaligned,
                  Exception::store_access_fault)) {
    return false;
  }
  if (!watchpoints_.empty()) note_watchpoint(address, bytes, true);
  if (uint8_t* host = fill_direct(address, Access::write)) {
    std::memcpy(host, data, bytes);
    return true;
  }
  return port_->write(address, data, bytes) || fail(Exception::store_access_fault, address);
}

void Interpreter::invalidate_direct_memory() {
  direct_.fill(DirectPage{});
}

}  // namespace duet::models::riscv
