// SPDX-License-Identifier: Apache-2.0
// The interpreter's loop: threaded dispatch with computed goto, which GCC and clang both have; one indirect
// jump per operation predicts far better than one for all in a switch.
#pragma GCC diagnostic ignored "-Wpedantic"
#include <cstring>

#include "arithmetic.hpp"
#include "code_page.hpp"

// pc_ and remaining_ are kept in locals; whatever may look at them is preceded by DUET_PUBLISH.
#define DUET_PC() (page->address + 2 * static_cast<uint64_t>(entry - page->instructions.data()))
#define DUET_PUBLISH()      \
  do {                      \
    pc_ = DUET_PC();        \
    remaining_ = remaining; \
  } while (false)
#define DUET_DISPATCH()                                                       \
  do {                                                                        \
    if (remaining == 0) goto exhausted;                                       \
    --remaining;                                                              \
    goto* const_cast<void*>(labels[static_cast<unsigned>(entry->operation)]); \
  } while (false)
#define DUET_NEXT()            \
  do {                         \
    entry += entry->halfwords; \
    DUET_DISPATCH();           \
  } while (false)
#define DUET_ALU(name, expression)    \
  name : {                            \
    const uint64_t a = x[entry->rs1]; \
    const uint64_t b = x[entry->rs2]; \
    x[entry->rd] = (expression);      \
    DUET_NEXT();                      \
  }
#define DUET_ALU_IMMEDIATE(name, expression)                         \
  name : {                                                           \
    const uint64_t a = x[entry->rs1];                                \
    const auto b = static_cast<uint64_t>(int64_t{entry->immediate}); \
    x[entry->rd] = (expression);                                     \
    DUET_NEXT();                                                     \
  }
#define DUET_BRANCH(name, condition)                                    \
  name##_near : {                                                       \
    const uint64_t a = x[entry->rs1];                                   \
    const uint64_t b = x[entry->rs2];                                   \
    entry += (condition) ? entry->immediate : int{entry->halfwords};    \
    DUET_DISPATCH();                                                    \
  }                                                                     \
  name : {                                                              \
    const uint64_t a = x[entry->rs1];                                   \
    const uint64_t b = x[entry->rs2];                                   \
    if (!(condition)) DUET_NEXT();                                      \
    pc_ = DUET_PC() + static_cast<uint64_t>(int64_t{entry->immediate}); \
    goto lookup;                                                        \
  }
#define DUET_LOAD(name, type)                                                                  \
  name : {                                                                                     \
    const uint64_t address = x[entry->rs1] + static_cast<uint64_t>(int64_t{entry->immediate}); \
    type value = 0;                                                                            \
    if (const type* host = direct<type>(address, &DirectPage::read_tag)) [[likely]] {          \
      std::memcpy(&value, host, sizeof value);                                                 \
      x[entry->rd] = static_cast<uint64_t>(static_cast<int64_t>(value));                       \
      DUET_NEXT();                                                                             \
    }                                                                                          \
    DUET_PUBLISH();                                                                            \
    if (!load_slow(address, &value, sizeof value)) goto exception;                             \
    x[entry->rd] = static_cast<uint64_t>(static_cast<int64_t>(value));                         \
    goto complete;                                                                             \
  }
#define DUET_STORE(name, type)                                                                 \
  name : {                                                                                     \
    const uint64_t address = x[entry->rs1] + static_cast<uint64_t>(int64_t{entry->immediate}); \
    const type value = static_cast<type>(x[entry->rs2]);                                       \
    if (type* host = direct<type>(address, &DirectPage::write_tag)) [[likely]] {               \
      std::memcpy(host, &value, sizeof value);                                                 \
      if (reservations_->any()) [[unlikely]]                                                   \
        reservations_->stored(hart_id_, address);                                              \
      DUET_NEXT();                                                                             \
    }                                                                                          \
    DUET_PUBLISH();                                                                            \
    if (!store_slow(address, &value, sizeof value)) goto exception;                            \
    if (reservations_->any()) reservations_->stored(hart_id_, address);                        \
    goto complete;                                                                             \
  }

namespace duet::models::riscv {

Stop Interpreter::run(uint64_t max_instructions) {
  static const void* const labels[] = {
#define DUET_RISCV_OPERATION(name) &&name,
#include "duet/models/riscv/operations.def"
#undef DUET_RISCV_OPERATION
  };
  retired_before_ = retired();
  budget_ = remaining_ = max_instructions;
  not_retired_ = 0;
  watch_hit_.reset();

  uint64_t* const x = x_.data();
  uint64_t remaining = max_instructions;
  CodePage* page = nullptr;
  const Instruction* entry = nullptr;
  goto attend;

lookup:
  page = code_page(pc_);
  entry = &page->instructions[(pc_ % page_bytes) / 2];
  DUET_DISPATCH();

complete:  // an operation that may have changed more than registers is done
  entry += entry->halfwords;
  if (!needs_attention() && csrs_.interrupt_to_take(privilege_) == 0) [[likely]]
    DUET_DISPATCH();
  pc_ = DUET_PC();
attend:
  remaining_ = remaining;
  if (stop_requested_) {
    stop_requested_ = false;
    return Stop::requested;
  }
  if (watch_hit_) return Stop::watchpoint;
  if (const uint64_t cause = csrs_.interrupt_to_take(privilege_)) {
    pc_ = csrs_.enter_trap(cause, pc_, 0, privilege_);
    if (privilege_ != Privilege::machine || (csrs_.mstatus & CsrFile::status_mprv) != 0) {
      change_privilege(Privilege::machine);
    }
  }
  goto lookup;

exception:  // pc_ stands on the instruction, which does not retire
  ++not_retired_;
  if (!enter_exception()) return Stop::trap_loop;
  goto attend;

exhausted:
  DUET_PUBLISH();
  return Stop::budget;

undecoded:
  ++remaining;
  DUET_PUBLISH();
  decode_at(*page, static_cast<unsigned>(entry - page->instructions.data()));
  DUET_DISPATCH();
page_end:
  ++remaining;
  pc_ = DUET_PC();
  goto lookup;
breakpoint:
  ++remaining;
  DUET_PUBLISH();
  return Stop::breakpoint;
illegal:
  DUET_PUBLISH();
  fail(Exception::illegal_instruction, static_cast<uint32_t>(entry->immediate));
  goto exception;
fetch_fault:
  DUET_PUBLISH();
  fail(Exception::instruction_access_fault, pc_ + static_cast<uint64_t>(int64_t{entry->immediate}));
  page->forget(static_cast<unsigned>(entry - page->instructions.data()),
               static_cast<unsigned>(entry - page->instructions.data()) + 1);
  goto exception;

j_near:
  entry += entry->immediate;
  DUET_DISPATCH();
jal_near:
  x[entry->rd] = DUET_PC() + 2u * entry->halfwords;
  entry += entry->immediate;
  DUET_DISPATCH();
jal:
  pc_ = DUET_PC();
  x[entry->rd] = pc_ + 2u * entry->halfwords;
  pc_ += static_cast<uint64_t>(int64_t{entry->immediate});
  goto lookup;
jalr : {
  const uint64_t target = x[entry->rs1] + static_cast<uint64_t>(int64_t{entry->immediate});
  x[entry->rd] = DUET_PC() + 2u * entry->halfwords;
  pc_ = target & ~uint64_t{1};
  if ((pc_ & ~(page_bytes - 1)) == page->address) {
    entry = &page->instructions[(pc_ % page_bytes) / 2];
    DUET_DISPATCH();
  }
  goto lookup;
}
  DUET_BRANCH(beq, a == b)
  DUET_BRANCH(bne, a != b)
  DUET_BRANCH(blt, as_signed(a) < as_signed(b))
  DUET_BRANCH(bge, as_signed(a) >= as_signed(b))
  DUET_BRANCH(bltu, a < b)
  DUET_BRANCH(bgeu, a >= b)

lui:
  x[entry->rd] = static_cast<uint64_t>(int64_t{entry->immediate});
  DUET_NEXT();
auipc:
  x[entry->rd] = DUET_PC() + static_cast<uint64_t>(int64_t{entry->immediate});
  DUET_NEXT();

  DUET_LOAD(lb, int8_t)
  DUET_LOAD(lh, int16_t)
  DUET_LOAD(lw, int32_t)
  DUET_LOAD(ld, uint64_t)
  DUET_LOAD(lbu, uint8_t)
  DUET_LOAD(lhu, uint16_t)
  DUET_LOAD(lwu, uint32_t)
  DUET_STORE(sb, uint8_t)
  DUET_STORE(sh, uint16_t)
  DUET_STORE(sw, uint32_t)
  DUET_STORE(sd, uint64_t)

  DUET_ALU_IMMEDIATE(addi, a + b)
  DUET_ALU_IMMEDIATE(slti, as_signed(a) < as_signed(b) ? 1 : 0)
  DUET_ALU_IMMEDIATE(sltiu, a < b ? 1 : 0)
  DUET_ALU_IMMEDIATE(xori, a ^ b)
  DUET_ALU_IMMEDIATE(ori, a | b)
  DUET_ALU_IMMEDIATE(andi, a & b)
  DUET_ALU_IMMEDIATE(slli, a << b)
  DUET_ALU_IMMEDIATE(srli, a >> b)
  DUET_ALU_IMMEDIATE(srai, static_cast<uint64_t>(as_signed(a) >> b))
  DUET_ALU_IMMEDIATE(addiw, sign_extend_word(a + b))
  DUET_ALU_IMMEDIATE(slliw, sign_extend_word(a << b))
  DUET_ALU_IMMEDIATE(srliw, sign_extend_word(static_cast<uint32_t>(a) >> b))
  DUET_ALU_IMMEDIATE(sraiw, static_cast<uint64_t>(as_signed(sign_extend_word(a)) >> b))
  DUET_ALU(add, a + b)
  DUET_ALU(sub, a - b)
  DUET_ALU(sll, a << (b & 63u))
  DUET_ALU(slt, as_signed(a) < as_signed(b) ? 1 : 0)
  DUET_ALU(sltu, a < b ? 1 : 0)
  DUET_ALU(xor_, a ^ b)
  DUET_ALU(srl, a >> (b & 63u))
  DUET_ALU(sra, static_cast<uint64_t>(as_signed(a) >> (b & 63u)))
  DUET_ALU(or_, a | b)
  DUET_ALU(and_, a & b)
  DUET_ALU(addw, sign_extend_word(a + b))
  DUET_ALU(subw, sign_extend_word(a - b))
  DUET_ALU(sllw, sign_extend_word(a << (b & 31u)))
  DUET_ALU(srlw, sign_extend_word(static_cast<uint32_t>(a) >> (b & 31u)))
  DUET_ALU(sraw, static_cast<uint64_t>(as_signed(sign_extend_word(a)) >> (b & 31u)))
  DUET_ALU(mul, a * b)
  DUET_ALU(mulh, multiply_high(a, b))
  DUET_ALU(mulhsu, multiply_high_signed_unsigned(a, b))
  DUET_ALU(mulhu, multiply_high_unsigned(a, b))
  DUET_ALU(div, static_cast<uint64_t>(divide(as_signed(a), as_signed(b))))
  DUET_ALU(divu, divide(a, b))
  DUET_ALU(rem, static_cast<uint64_t>(remainder(as_signed(a), as_signed(b))))
  DUET_ALU(remu, remainder(a, b))
  DUET_ALU(mulw, sign_extend_word(a * b))
  DUET_ALU(divw, static_cast<uint64_t>(int64_t{divide(static_cast<int32_t>(a), static_cast<int32_t>(b))}))
  DUET_ALU(divuw, sign_extend_word(divide(static_cast<uint32_t>(a), static_cast<uint32_t>(b))))
  DUET_ALU(remw, static_cast<uint64_t>(int64_t{remainder(static_cast<int32_t>(a), static_cast<int32_t>(b))}))
  DUET_ALU(remuw, sign_extend_word(remainder(static_cast<uint32_t>(a), static_cast<uint32_t>(b))))

fence:  // harts interleave only at waits, so memory is sequentially consistent
  DUET_NEXT();
fence_i:
  invalidate_code(0, ~uint64_t{0});
  // This page's entries, this one included, are undecoded now.
  entry += 2;
  DUET_DISPATCH();
ecall:
  DUET_PUBLISH();
  fail(privilege_ == Privilege::machine ? Exception::ecall_from_machine : Exception::ecall_from_user, 0);
  goto exception;
ebreak:
  DUET_PUBLISH();
  if (ebreak_stops_) {
    remaining_ = remaining + 1;
    return Stop::breakpoint;
  }
  fail(Exception::breakpoint, pc_);
  goto exception;
mret:
  DUET_PUBLISH();
  if (privilege_ != Privilege::machine) {
    fail(Exception::illegal_instruction, 0x30200073);
    goto exception;
  }
  {
    Privilege next = Privilege::machine;
    pc_ = csrs_.leave_trap(next);
    traps_in_a_row_ = 0;
    if (next != Privilege::machine) change_privilege(next);
  }
  goto attend;
wfi:
  DUET_PUBLISH();
  if (privilege_ != Privilege::machine && (csrs_.mstatus & CsrFile::status_tw) != 0) {
    fail(Exception::illegal_instruction, 0x10500073);
    goto exception;
  }
  pc_ += 4;
  if (csrs_.wakes() || stop_requested_) goto attend;
  return Stop::wait_for_interrupt;

csrrw:
csrrs:
csrrc:
csrrwi:
csrrsi:
csrrci:
  DUET_PUBLISH();
  if (!access_csr(*entry)) {
    const auto funct3 =
        1u + static_cast<unsigned>(entry->operation) - static_cast<unsigned>(Operation::csrrw);
    const uint32_t rd = entry->rd == discard_register ? 0 : entry->rd;
    fail(Exception::illegal_instruction, uint64_t{static_cast<uint32_t>(entry->immediate)} << 20 |
                                             uint64_t{entry->rs1} << 15 |
                                             (funct3 > 3 ? funct3 + 1 : funct3) << 12 | rd << 7 | 0x73u);
    goto exception;
  }
  // A write to the PMP registers forgets this entry too; the next one is always 4 bytes on.
  pc_ += 4;
  goto attend;

lr_w:
lr_d:
sc_w:
sc_d:
amoswap_w:
amoadd_w:
amoxor_w:
amoand_w:
amoor_w:
amomin_w:
amomax_w:
amominu_w:
amomaxu_w:
amoswap_d:
amoadd_d:
amoxor_d:
amoand_d:
amoor_d:
amomin_d:
amomax_d:
amominu_d:
amomaxu_d:
  DUET_PUBLISH();
  if (!execute_atomic(*entry)) goto exception;
  goto complete;
}

}  // namespace duet::models::riscv
