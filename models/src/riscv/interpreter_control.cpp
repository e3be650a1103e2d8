// SPDX-License-Identifier: Apache-2.0
// Traps, Zicsr, the decode cache and what a debugger needs.
#include <algorithm>
#include <cstring>

#include "code_page.hpp"

namespace duet::models::riscv {

Interpreter::Interpreter(unsigned hart_id, HartPort& port, ReservationMonitor& reservations)
    : hart_id_(hart_id), port_(&port), reservations_(&reservations), csrs_(hart_id, *this) {}

Interpreter::~Interpreter() = default;

void Interpreter::reset(uint64_t pc) {
  x_.fill(0);
  pc_ = pc;
  budget_ = remaining_ = not_retired_ = retired_before_ = 0;
  csrs_.reset();
  last_exception_.reset();
  invalidate_code(0, ~uint64_t{0});
  change_privilege(Privilege::machine);
}

void Interpreter::set_interrupt(Interrupt line, bool level) {
  const uint64_t bit = uint64_t{1} << static_cast<unsigned>(line);
  csrs_.mip = level ? csrs_.mip | bit : csrs_.mip & ~bit;
}

void Interpreter::change_privilege(Privilege privilege) {
  privilege_ = privilege;
  code_.fill(nullptr);  // decoded pages hold the fetch permission of their privilege
  invalidate_direct_memory();
}

bool Interpreter::fail(Exception cause, uint64_t value) {
  pending_trap_.cause = cause;
  pending_trap_.value = value;
  return false;
}

bool Interpreter::enter_exception() {
  pending_trap_.pc = pc_;
  pending_trap_.ra = x_[1];
  if (on_exception_) on_exception_(pending_trap_);
  // A handler that traps itself, over and over, gets nowhere; the first trap is the one to tell about.
  constexpr uint64_t handler_prologue = 64;
  constexpr unsigned patience = 16;
  const bool nested = traps_in_a_row_ != 0 && retired() - retired_at_trap_ < handler_prologue;
  traps_in_a_row_ = nested ? traps_in_a_row_ + 1 : 1;
  retired_at_trap_ = retired();
  if (!nested) last_exception_ = pending_trap_;
  if (pc_ == (csrs_.mtvec & ~uint64_t{3}) || traps_in_a_row_ > patience) return false;
  pc_ = csrs_.enter_trap(static_cast<uint64_t>(pending_trap_.cause), pc_, pending_trap_.value, privilege_);
  if (privilege_ != Privilege::machine || (csrs_.mstatus & CsrFile::status_mprv) != 0) {
    change_privilege(Privilege::machine);
  }
  return true;
}

bool Interpreter::access_csr(const Instruction& instruction) {
  const auto number = static_cast<unsigned>(instruction.immediate);
  const bool immediate = instruction.operation >= Operation::csrrwi;
  const uint64_t operand = immediate ? instruction.rs1 : x_[instruction.rs1];
  const bool replaces =
      instruction.operation == Operation::csrrw || instruction.operation == Operation::csrrwi;
  const bool sets = instruction.operation == Operation::csrrs || instruction.operation == Operation::csrrsi;
  const bool reads = !replaces || instruction.rd != discard_register;
  const bool writes = replaces || instruction.rs1 != 0;
  uint64_t value = 0;
  if (reads && !csrs_.read(number, privilege_, value)) return false;
  if (writes) {
    const uint64_t written = replaces ? operand : sets ? value | operand : value & ~operand;
    if (!csrs_.write(number, privilege_, written)) return false;
    if (number == csr_mstatus) invalidate_direct_memory();  // MPRV, MPP
    if (number >= csr_pmpcfg0 && number < csr_pmpaddr0 + Pmp::entries) {
      invalidate_direct_memory();
      invalidate_code(0, ~uint64_t{0});
    }
  }
  x_[instruction.rd] = value;
  return true;
}

Interpreter::CodePage* Interpreter::code_page(uint64_t pc) {
  const uint64_t address = pc & ~(page_bytes - 1);
  CodePage*& cached = code_[(pc >> page_bits) % code_entries];
  if (cached == nullptr || cached->address != address) {
    auto& page = code_pages_[address | (privilege_ == Privilege::machine ? 1u : 0u)];
    if (!page) page = std::make_unique<CodePage>(address, privilege_);
    cached = page.get();
  }
  return cached;
}

bool Interpreter::fetch(uint64_t address, uint16_t& halfword) {
  if (!csrs_.pmp.allows(address, 2, Access::execute, privilege_)) return false;
  const DirectMemory memory = port_->direct_memory(address);
  if (memory.data != nullptr && memory.readable && address >= memory.begin && address + 2 <= memory.end) {
    std::memcpy(&halfword, memory.data + (address - memory.begin), 2);
    return true;
  }
  return port_->read(address, &halfword, 2);
}

void Interpreter::decode_at(CodePage& page, unsigned index) {
  Instruction& entry = page.instructions[index];
  const uint64_t pc = page.address + 2 * uint64_t{index};
  if (breakpoints_.contains(pc)) {
    entry = Instruction{.operation = Operation::breakpoint};
    return;
  }
  uint16_t low = 0;
  uint16_t high = 0;
  if (!fetch(pc, low) || (is_full_length(low) && !fetch(pc + 2, high))) {
    const bool low_failed = !is_full_length(low);
    entry = Instruction{.operation = Operation::fetch_fault, .immediate = low_failed ? 0 : 2};
    return;
  }
  entry = decode(low | uint32_t{high} << 16);
  const int64_t target = static_cast<int64_t>(index) + entry.immediate / 2;
  if (target < 0 || target >= page_halfwords) return;
  if (entry.operation == Operation::jal) {
    entry.operation = entry.rd == discard_register ? Operation::j_near : Operation::jal_near;
    entry.immediate /= 2;
  } else if (entry.operation >= Operation::beq && entry.operation <= Operation::bgeu) {
    const auto distance = static_cast<int>(Operation::beq) - static_cast<int>(Operation::beq_near);
    entry.operation = static_cast<Operation>(static_cast<int>(entry.operation) - distance);
    entry.immediate /= 2;
  }
}

void Interpreter::invalidate_code(uint64_t begin, uint64_t end) {
  // An instruction that starts in the halfword before `begin` may reach into the range.
  const uint64_t first = begin < 2 ? 0 : begin - 2;
  for (auto& [key, page] : code_pages_) {
    if (page->address >= end || page->address + page_bytes <= first) continue;
    const uint64_t from = std::max(first, page->address) - page->address;
    const uint64_t to = std::min(end - page->address, page_bytes);
    page->forget(static_cast<unsigned>(from / 2), static_cast<unsigned>((to + 1) / 2));
  }
}

void Interpreter::add_breakpoint(uint64_t address) {
  breakpoints_.insert(address);
  invalidate_code(address, address + 2);
}

void Interpreter::remove_breakpoint(uint64_t address) {
  breakpoints_.erase(address);
  invalidate_code(address, address + 2);
}

void Interpreter::add_watchpoint(const Watchpoint& watchpoint) {
  watchpoints_.push_back(watchpoint);
  invalidate_direct_memory();
}

void Interpreter::remove_watchpoint(const Watchpoint& watchpoint) {
  const auto found = std::ranges::find(watchpoints_, watchpoint);
  if (found != watchpoints_.end()) watchpoints_.erase(found);
}

}  // namespace duet::models::riscv
