// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/instruction.hpp"

namespace duet::models::riscv {
namespace {

constexpr uint32_t sp = 2;
constexpr uint32_t ra = 1;

enum Opcode : uint32_t {
  op_load = 0x03,
  op_imm = 0x13,
  op_imm_32 = 0x1b,
  op_store = 0x23,
  op_reg = 0x33,
  op_lui = 0x37,
  op_reg_32 = 0x3b,
  op_branch = 0x63,
  op_jalr = 0x67,
  op_jal = 0x6f
};
constexpr uint32_t ebreak = 0x00100073;

/// Bits [high:low] of the halfword, moved to bit `to`.
constexpr uint32_t field(uint32_t c, unsigned high, unsigned low, unsigned to) {
  return ((c >> low) & ((1u << (high - low + 1)) - 1)) << to;
}
constexpr uint32_t sign(uint32_t c, unsigned bit) {
  return (c & 0x1000u) ? ~((1u << bit) - 1) : 0;  // bit 12 is the sign of every signed immediate
}
constexpr uint32_t itype(uint32_t opcode, uint32_t funct3, uint32_t rd, uint32_t rs1, uint32_t immediate) {
  return opcode | rd << 7 | funct3 << 12 | rs1 << 15 | immediate << 20;
}
constexpr uint32_t rtype(uint32_t opcode, uint32_t funct3, uint32_t funct7, uint32_t rd, uint32_t rs1,
                         uint32_t rs2) {
  return opcode | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25;
}
constexpr uint32_t stype(uint32_t funct3, uint32_t rs1, uint32_t rs2, uint32_t immediate) {
  return op_store | (immediate & 31u) << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | (immediate >> 5) << 25;
}
constexpr uint32_t jal(uint32_t rd, uint32_t offset) {
  return op_jal | rd << 7 | (offset & 0xff000u) | ((offset >> 11) & 1u) << 20 |
         ((offset >> 1) & 0x3ffu) << 21 | ((offset >> 20) & 1u) << 31;
}
constexpr uint32_t branch(uint32_t funct3, uint32_t rs1, uint32_t offset) {
  return op_branch | ((offset >> 11) & 1u) << 7 | ((offset >> 1) & 0xfu) << 8 | funct3 << 12 | rs1 << 15 |
         ((offset >> 5) & 0x3fu) << 25 | ((offset >> 12) & 1u) << 31;
}

uint32_t quadrant0(uint32_t c) {
  const uint32_t rd = 8 + field(c, 4, 2, 0);
  const uint32_t rs1 = 8 + field(c, 9, 7, 0);
  const uint32_t word_offset = field(c, 6, 6, 2) | field(c, 12, 10, 3) | field(c, 5, 5, 6);
  const uint32_t double_offset = field(c, 12, 10, 3) | field(c, 6, 5, 6);
  switch (c >> 13) {
    case 0: {  // c.addi4spn
      const uint32_t immediate =
          field(c, 12, 11, 4) | field(c, 10, 7, 6) | field(c, 6, 6, 2) | field(c, 5, 5, 3);
      return immediate == 0 ? 0 : itype(op_imm, 0, rd, sp, immediate);
    }
    case 2:
      return itype(op_load, 2, rd, rs1, word_offset);
    case 3:
      return itype(op_load, 3, rd, rs1, double_offset);
    case 6:
      return stype(2, rs1, rd, word_offset);
    case 7:
      return stype(3, rs1, rd, double_offset);
    default:
      return 0;
  }
}

uint32_t arithmetic(uint32_t c) {
  const uint32_t rd = 8 + field(c, 9, 7, 0);
  const uint32_t rs2 = 8 + field(c, 4, 2, 0);
  const uint32_t shift = field(c, 6, 2, 0) | field(c, 12, 12, 5);
  const uint32_t immediate = field(c, 6, 2, 0) | sign(c, 5);
  switch (field(c, 11, 10, 0)) {
    case 0:
      return itype(op_imm, 5, rd, rd, shift);
    case 1:
      return itype(op_imm, 5, rd, rd, shift | 0x400);
    case 2:
      return itype(op_imm, 7, rd, rd, immediate);
    default:
      break;
  }
  switch (field(c, 12, 12, 2) | field(c, 6, 5, 0)) {
    case 0:
      return rtype(op_reg, 0, 0x20, rd, rd, rs2);
    case 1:
      return rtype(op_reg, 4, 0, rd, rd, rs2);
    case 2:
      return rtype(op_reg, 6, 0, rd, rd, rs2);
    case 3:
      return rtype(op_reg, 7, 0, rd, rd, rs2);
    case 4:
      return rtype(op_reg_32, 0, 0x20, rd, rd, rs2);
    case 5:
      return rtype(op_reg_32, 0, 0, rd, rd, rs2);
    default:
      return 0;
  }
}

uint32_t quadrant1(uint32_t c) {
  const uint32_t rd = field(c, 11, 7, 0);
  const uint32_t immediate = field(c, 6, 2, 0) | sign(c, 5);
  const uint32_t jump = field(c, 5, 3, 1) | field(c, 11, 11, 4) | field(c, 2, 2, 5) | field(c, 7, 7, 6) |
                        field(c, 6, 6, 7) | field(c, 10, 9, 8) | field(c, 8, 8, 10) | sign(c, 11);
  const uint32_t short_jump =
      field(c, 4, 3, 1) | field(c, 11, 10, 3) | field(c, 2, 2, 5) | field(c, 6, 5, 6) | sign(c, 8);
  switch (c >> 13) {
    case 0:
      return itype(op_imm, 0, rd, rd, immediate);
    case 1:
      return rd == 0 ? 0 : itype(op_imm_32, 0, rd, rd, immediate);
    case 2:
      return itype(op_imm, 0, rd, 0, immediate);
    case 3:
      if (rd == sp) {
        const uint32_t frame =
            field(c, 6, 6, 4) | field(c, 2, 2, 5) | field(c, 5, 5, 6) | field(c, 4, 3, 7) | sign(c, 9);
        return frame == 0 ? 0 : itype(op_imm, 0, sp, sp, frame);
      }
      return immediate == 0 ? 0 : (op_lui | rd << 7 | immediate << 12);
    case 4:
      return arithmetic(c);
    case 5:
      return jal(0, jump);
    case 6:
      return branch(0, 8 + field(c, 9, 7, 0), short_jump);
    default:
      return branch(1, 8 + field(c, 9, 7, 0), short_jump);
  }
}

uint32_t quadrant2(uint32_t c) {
  const uint32_t rd = field(c, 11, 7, 0);
  const uint32_t rs2 = field(c, 6, 2, 0);
  switch (c >> 13) {
    case 0:
      return itype(op_imm, 1, rd, rd, field(c, 6, 2, 0) | field(c, 12, 12, 5));
    case 2:
      return rd == 0 ? 0
                     : itype(op_load, 2, rd, sp, field(c, 6, 4, 2) | field(c, 12, 12, 5) | field(c, 3, 2, 6));
    case 3:
      return rd == 0 ? 0
                     : itype(op_load, 3, rd, sp, field(c, 6, 5, 3) | field(c, 12, 12, 5) | field(c, 4, 2, 6));
    case 4:
      if ((c & 0x1000u) == 0) {
        if (rs2 != 0) return rtype(op_reg, 0, 0, rd, 0, rs2);  // c.mv
        return rd == 0 ? 0 : itype(op_jalr, 0, 0, rd, 0);      // c.jr
      }
      if (rs2 != 0) return rtype(op_reg, 0, 0, rd, rd, rs2);   // c.add
      return rd == 0 ? ebreak : itype(op_jalr, 0, ra, rd, 0);  // c.ebreak, c.jalr
    case 6:
      return stype(2, sp, rs2, field(c, 12, 9, 2) | field(c, 8, 7, 6));
    case 7:
      return stype(3, sp, rs2, field(c, 12, 10, 3) | field(c, 9, 7, 6));
    default:
      return 0;
  }
}

}  // namespace

uint32_t expand_compressed(uint16_t halfword) {
  switch (halfword & 3u) {
    case 0:
      return quadrant0(halfword);
    case 1:
      return quadrant1(halfword);
    case 2:
      return quadrant2(halfword);
    default:
      return 0;
  }
}

}  // namespace duet::models::riscv
