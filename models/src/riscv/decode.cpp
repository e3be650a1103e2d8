// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "duet/models/riscv/instruction.hpp"

namespace duet::models::riscv {
namespace {

using enum Operation;
using Eight = std::array<Operation, 8>;

constexpr Eight branches{beq, bne, illegal, illegal, blt, bge, bltu, bgeu};
constexpr Eight loads{lb, lh, lw, ld, lbu, lhu, lwu, illegal};
constexpr Eight stores{sb, sh, sw, sd, illegal, illegal, illegal, illegal};
constexpr Eight immediates{addi, slli, slti, sltiu, xori, srli, ori, andi};
constexpr Eight registers{add, sll, slt, sltu, xor_, srl, or_, and_};
constexpr Eight multiplies{mul, mulh, mulhsu, mulhu, div, divu, rem, remu};
constexpr Eight registers_32{addw, sllw, illegal, illegal, illegal, srlw, illegal, illegal};
constexpr Eight multiplies_32{mulw, illegal, illegal, illegal, divw, divuw, remw, remuw};
constexpr Eight csr_accesses{illegal, csrrw, csrrs, csrrc, illegal, csrrwi, csrrsi, csrrci};

int32_t i_immediate(uint32_t bits) {
  return static_cast<int32_t>(bits) >> 20;
}
int32_t s_immediate(uint32_t bits) {
  return static_cast<int32_t>((static_cast<uint32_t>(static_cast<int32_t>(bits) >> 25) << 5) |
                              ((bits >> 7) & 31u));
}
int32_t b_immediate(uint32_t bits) {
  return static_cast<int32_t>((static_cast<uint32_t>(static_cast<int32_t>(bits) >> 31) << 12) |
                              ((bits >> 7) & 1u) << 11 | ((bits >> 25) & 0x3fu) << 5 |
                              ((bits >> 8) & 0xfu) << 1);
}
int32_t j_immediate(uint32_t bits) {
  return static_cast<int32_t>((static_cast<uint32_t>(static_cast<int32_t>(bits) >> 31) << 20) |
                              (bits & 0xff000u) | ((bits >> 20) & 1u) << 11 | ((bits >> 21) & 0x3ffu) << 1);
}

Operation immediate_operation(uint32_t bits, uint32_t funct3) {
  const uint32_t funct6 = bits >> 26;
  if (funct3 == 1) return funct6 == 0 ? slli : illegal;
  if (funct3 == 5) return funct6 == 0 ? srli : funct6 == 0x10 ? srai : illegal;
  return immediates[funct3];
}

Operation immediate_32_operation(uint32_t funct7, uint32_t funct3) {
  if (funct3 == 0) return addiw;
  if (funct3 == 1) return funct7 == 0 ? slliw : illegal;
  if (funct3 == 5) return funct7 == 0 ? srliw : funct7 == 0x20 ? sraiw : illegal;
  return illegal;
}

Operation register_operation(uint32_t funct7, uint32_t funct3, bool word) {
  if (funct7 == 0) return (word ? registers_32 : registers)[funct3];
  if (funct7 == 1) return (word ? multiplies_32 : multiplies)[funct3];
  if (funct7 == 0x20 && funct3 == 0) return word ? subw : sub;
  if (funct7 == 0x20 && funct3 == 5) return word ? sraw : sra;
  return illegal;
}

Operation atomic_operation(uint32_t bits, uint32_t funct3) {
  if (funct3 != 2 && funct3 != 3) return illegal;
  const bool wide = funct3 == 3;
  switch (bits >> 27) {
    case 0x02:
      return ((bits >> 20) & 31u) != 0 ? illegal : wide ? lr_d : lr_w;
    case 0x03:
      return wide ? sc_d : sc_w;
    case 0x01:
      return wide ? amoswap_d : amoswap_w;
    case 0x00:
      return wide ? amoadd_d : amoadd_w;
    case 0x04:
      return wide ? amoxor_d : amoxor_w;
    case 0x0c:
      return wide ? amoand_d : amoand_w;
    case 0x08:
      return wide ? amoor_d : amoor_w;
    case 0x10:
      return wide ? amomin_d : amomin_w;
    case 0x14:
      return wide ? amomax_d : amomax_w;
    case 0x18:
      return wide ? amominu_d : amominu_w;
    case 0x1c:
      return wide ? amomaxu_d : amomaxu_w;
    default:
      return illegal;
  }
}

Operation system_operation(uint32_t bits, uint32_t funct3) {
  if (funct3 != 0) return csr_accesses[funct3];
  switch (bits) {
    case 0x00000073:
      return ecall;
    case 0x00100073:
      return ebreak;
    case 0x30200073:
      return mret;
    case 0x10500073:
      return wfi;
    default:
      return illegal;
  }
}

Instruction decode_full(uint32_t bits) {
  const uint32_t funct3 = (bits >> 12) & 7u;
  const uint32_t funct7 = bits >> 25;
  const auto rd = static_cast<uint8_t>((bits >> 7) & 31u);
  Instruction result;
  result.rd = rd == 0 ? discard_register : rd;
  result.rs1 = static_cast<uint8_t>((bits >> 15) & 31u);
  result.rs2 = static_cast<uint8_t>((bits >> 20) & 31u);
  result.halfwords = 2;
  result.operation = illegal;
  switch (bits & 0x7fu) {
    case 0x03:
      result.operation = loads[funct3];
      result.immediate = i_immediate(bits);
      break;
    case 0x0f:
      result.operation = funct3 == 0 ? fence : funct3 == 1 ? fence_i : illegal;
      break;
    case 0x13:
      result.operation = immediate_operation(bits, funct3);
      result.immediate = (funct3 & 3u) == 1 ? static_cast<int32_t>((bits >> 20) & 63u) : i_immediate(bits);
      break;
    case 0x17:
    case 0x37:
      result.operation = (bits & 0x20u) ? lui : auipc;
      result.immediate = static_cast<int32_t>(bits & 0xfffff000u);
      break;
    case 0x1b:
      result.operation = immediate_32_operation(funct7, funct3);
      result.immediate = funct3 == 0 ? i_immediate(bits) : static_cast<int32_t>((bits >> 20) & 31u);
      break;
    case 0x23:
      result.operation = stores[funct3];
      result.immediate = s_immediate(bits);
      break;
    case 0x2f:
      result.operation = atomic_operation(bits, funct3);
      break;
    case 0x33:
    case 0x3b:
      result.operation = register_operation(funct7, funct3, (bits & 8u) != 0);
      break;
    case 0x63:
      result.operation = branches[funct3];
      result.immediate = b_immediate(bits);
      break;
    case 0x67:
      result.operation = funct3 == 0 ? jalr : illegal;
      result.immediate = i_immediate(bits);
      break;
    case 0x6f:
      result.operation = jal;
      result.immediate = j_immediate(bits);
      break;
    case 0x73:
      result.operation = system_operation(bits, funct3);
      result.immediate = static_cast<int32_t>(bits >> 20);
      break;
    default:
      break;
  }
  if (result.operation == illegal) result.immediate = static_cast<int32_t>(bits);
  return result;
}

}  // namespace

Instruction decode(uint32_t bits) {
  if (is_full_length(static_cast<uint16_t>(bits))) return decode_full(bits);
  const auto halfword = static_cast<uint16_t>(bits);
  const uint32_t expanded = expand_compressed(halfword);
  Instruction result = decode_full(expanded);
  if (expanded == 0 || result.operation == illegal) {
    result.operation = illegal;
    result.immediate = halfword;
  }
  result.halfwords = 1;
  return result;
}

}  // namespace duet::models::riscv
