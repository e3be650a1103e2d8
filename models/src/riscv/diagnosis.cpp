// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/diagnosis.hpp"

#include <fmt/format.h>

namespace duet::models::riscv {
namespace {

std::string place(uint64_t address, const ElfFile* elf) {
  const std::string name = elf == nullptr ? "" : elf->describe(address);
  return name.empty() ? fmt::format("{:#x}", address) : fmt::format("{:#x} in {}", address, name);
}

bool is_access(Exception cause) {
  return cause >= Exception::load_misaligned && cause <= Exception::store_access_fault;
}

/// True when the address lies in the guard below a hart's stack.
bool in_stack_guard(uint64_t address, const ElfFile* elf) {
  if (elf == nullptr) return false;
  const auto begin = elf->find("__stacks");
  const auto end = elf->find("__stacks_end");
  const auto stride = elf->find("__stack_stride");
  const auto guard = elf->find("__stack_guard");
  if (!begin || !end || !stride || !guard || *stride == 0 || address < *begin || address >= *end)
    return false;
  return (address - *begin) % *stride < *guard;
}

}  // namespace

std::string describe_trap(Hart& hart, const Trap& trap, const ElfFile* elf) {
  std::string text = fmt::format("hart {}: ", hart.interpreter().hart_id());
  if (is_access(trap.cause) && in_stack_guard(trap.value, elf)) text += "stack overflow, ";
  text += fmt::format("{} (mcause {}) at pc {}", exception_name(trap.cause),
                      static_cast<unsigned>(trap.cause), place(trap.pc, elf));
  if (trap.cause == Exception::illegal_instruction) {
    text += fmt::format(", instruction {:#010x}", trap.value);
  } else if (is_access(trap.cause) || trap.cause == Exception::instruction_access_fault) {
    text += fmt::format(", address {:#x}", trap.value);
  }
  if (trap.cause == Exception::instruction_access_fault && trap.ra != 0) {
    text += fmt::format(", called from {}", place(trap.ra, elf));
  }
  if ((hart.interpreter().csrs().mtvec & ~uint64_t{3}) == 0) text += "; no trap handler is set (mtvec is 0)";
  return text;
}

std::string describe_place(Hart& hart, const ElfFile* elf) {
  const std::string where = place(hart.interpreter().pc(), elf);
  return fmt::format("hart {}: {} at pc {} after {} instructions", hart.interpreter().hart_id(),
                     hart.idle() ? "waits for an interrupt (WFI)" : "runs", where, hart.instructions());
}

}  // namespace duet::models::riscv
