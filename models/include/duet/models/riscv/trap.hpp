// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

namespace duet::models::riscv {

/// Exception codes of mcause. RISC-V privileged ISA 20211203, table 3.6.
enum class Exception : uint8_t {
  instruction_misaligned = 0,
  instruction_access_fault = 1,
  illegal_instruction = 2,
  breakpoint = 3,
  load_misaligned = 4,
  load_access_fault = 5,
  store_misaligned = 6,
  store_access_fault = 7,
  ecall_from_user = 8,
  ecall_from_machine = 11
};

/// Interrupt codes of mcause and bit numbers of mip and mie.
enum class Interrupt : uint8_t { software = 3, timer = 7, external = 11 };

enum class Privilege : uint8_t { user = 0, machine = 3 };

inline constexpr uint64_t interrupt_flag = uint64_t{1} << 63;

/// A synchronous trap as the hart took it: mcause, mepc and mtval.
struct Trap {
  Exception cause = Exception::instruction_misaligned;
  uint64_t pc = 0;
  uint64_t value = 0;  ///< faulting address, or the bits of an illegal instruction
  uint64_t ra = 0;     ///< return address register at that moment
};

/// "load access fault".
std::string_view exception_name(Exception cause);

}  // namespace duet::models::riscv
