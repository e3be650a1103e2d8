// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/trap.hpp"

namespace duet::models::riscv {

std::string_view exception_name(Exception cause) {
  switch (cause) {
    case Exception::instruction_misaligned:
      return "instruction address misaligned";
    case Exception::instruction_access_fault:
      return "instruction access fault";
    case Exception::illegal_instruction:
      return "illegal instruction";
    case Exception::breakpoint:
      return "breakpoint";
    case Exception::load_misaligned:
      return "load address misaligned";
    case Exception::load_access_fault:
      return "load access fault";
    case Exception::store_misaligned:
      return "store address misaligned";
    case Exception::store_access_fault:
      return "store access fault";
    case Exception::ecall_from_user:
      return "environment call from user mode";
    case Exception::ecall_from_machine:
      return "environment call from machine mode";
  }
  return "unknown exception";
}

}  // namespace duet::models::riscv
