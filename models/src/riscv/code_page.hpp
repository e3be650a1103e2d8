// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "duet/models/riscv/interpreter.hpp"

namespace duet::models::riscv {

/// One page of decoded code, an entry per halfword and two that end it: an instruction that straddles
/// the page boundary leads to the second. Pages are never freed, so that an entry stays valid while
/// an access that it makes invalidates its page.
struct Interpreter::CodePage {
  CodePage(uint64_t page_address, Privilege page_privilege)
      : address(page_address), privilege(page_privilege) {
    forget(0, page_halfwords);
    for (unsigned i = 0; i < 2; ++i) instructions[page_halfwords + i].operation = Operation::page_end;
  }
  void forget(unsigned first, unsigned last) {
    for (unsigned i = first; i < last; ++i) instructions[i].operation = Operation::undecoded;
  }

  uint64_t address;
  Privilege privilege;
  std::array<Instruction, page_halfwords + 2> instructions;
};

}  // namespace duet::models::riscv
