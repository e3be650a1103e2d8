// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace duet::models::riscv {

enum class Operation : uint8_t {
#define DUET_RISCV_OPERATION(name) name,
#include "duet/models/riscv/operations.def"
#undef DUET_RISCV_OPERATION
};

/// Register index that swallows writes to x0.
inline constexpr uint8_t discard_register = 32;

/// A decoded instruction. `rd` is discard_register for x0. `immediate` is the sign-extended immediate
/// (the CSR number for Zicsr, the raw bits for `illegal`, halfwords for `*_near`).
struct Instruction {
  Operation operation = Operation::undecoded;
  uint8_t rd = 0;
  uint8_t rs1 = 0;  ///< for the immediate forms of Zicsr the 5-bit immediate
  uint8_t rs2 = 0;
  int32_t immediate = 0;
  uint8_t halfwords = 0;  ///< length: 1 compressed, 2 otherwise
};

/// True when the low halfword starts a 32-bit instruction.
constexpr bool is_full_length(uint16_t low_halfword) {
  return (low_halfword & 3u) == 3u;
}

/// Expands a compressed instruction to its 32-bit equivalent; 0 when it is illegal or reserved.
/// RISC-V unprivileged ISA 20191213, chapter 16, RV64C without floating point.
uint32_t expand_compressed(uint16_t halfword);

/// Decodes a 32-bit instruction, or a compressed one in the low halfword.
/// RISC-V unprivileged ISA 20191213, chapters 2 to 10 and 24.
Instruction decode(uint32_t bits);

}  // namespace duet::models::riscv
