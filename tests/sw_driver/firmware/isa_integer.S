# SPDX-License-Identifier: Apache-2.0
#include "isa.h"
#define MIN 0x8000000000000000
#define MAX 0x7fffffffffffffff
    .section .text.start, "ax"
    .option norvc
    .globl _start
_start:

begin add
    rr add, MAX, 1, MIN
    rr add, -1, 1, 0
end
begin sub
    rr sub, 0, 1, -1
    rr sub, MIN, 1, MAX
end
begin sll
    rr sll, 1, 63, MIN
    rr sll, 3, 65, 6
end
begin slt
    rr slt, -1, 0, 1
    rr slt, 0, -1, 0
    rr slt, MIN, MAX, 1
end
begin sltu
    rr sltu, -1, 0, 0
    rr sltu, 0, -1, 1
end
begin xor
    rr xor, 0xff00ff00ff00ff00, 0x0f0f0f0f0f0f0f0f, 0xf00ff00ff00ff00f
end
begin or
    rr or, 0xff00ff00ff00ff00, 0x0f0f0f0f0f0f0f0f, 0xff0fff0fff0fff0f
end
begin and
    rr and, 0xff00ff00ff00ff00, 0x0f0f0f0f0f0f0f0f, 0x0f000f000f000f00
end
begin srl
    rr srl, -1, 63, 1
    rr srl, MIN, 68, 0x0800000000000000
end
begin sra
    rr sra, MIN, 63, -1
    rr sra, MAX, 62, 1
end
begin addw
    rr addw, 0x7fffffff, 1, 0xffffffff80000000
    rr addw, 0x100000000, 5, 5
end
begin subw
    rr subw, 0x80000000, 1, 0x7fffffff
    rr subw, 0, 1, -1
end
begin sllw
    rr sllw, 1, 31, 0xffffffff80000000
    rr sllw, 1, 32, 1
end
begin srlw
    rr srlw, 0xffffffffffffffff, 4, 0x0fffffff
    rr srlw, 0x80000000, 0, 0xffffffff80000000
end
begin sraw
    rr sraw, 0x80000000, 4, 0xfffffffff8000000
    rr sraw, 0x7fffffff, 30, 1
end
begin addi
    ri addi, 1, -2048, -2047
    ri addi, MAX, 1, MIN
end
begin slti
    ri slti, -1, 0, 1
    ri slti, 0, -1, 0
end
begin sltiu
    ri sltiu, 5, -1, 1
    ri sltiu, -1, 5, 0
end
begin xori
    ri xori, 0x0f, -1, 0xfffffffffffffff0
end
begin ori
    ri ori, 0x100, 0x0ff, 0x1ff
end
begin andi
    ri andi, -1, 0x7ff, 0x7ff
    ri andi, -1, -2048, -2048
end
begin slli
    ri slli, 1, 63, MIN
end
begin srli
    ri srli, MIN, 63, 1
end
begin srai
    ri srai, MIN, 63, -1
end
begin addiw
    ri addiw, 0x7fffffff, 1, 0xffffffff80000000
    ri addiw, 0xffffffff00000001, 1, 2
end
begin slliw
    ri slliw, 1, 31, 0xffffffff80000000
end
begin srliw
    ri srliw, 0xffffffff80000000, 31, 1
end
begin sraiw
    ri sraiw, 0x80000000, 31, -1
end
begin lui
    lui a0, 0x80000
    equal a0, 0xffffffff80000000
    lui a0, 0x7ffff
    equal a0, 0x7ffff000
end
begin auipc
1:  auipc a0, 0x80000
    la a1, 1b
    li a2, 0xffffffff80000000
    add a1, a1, a2
    same a0, a1
end
begin jal
    la a1, 1f
    jal a0, 2f
1:  failed
2:  same a0, a1
end
begin jalr
    la a0, 2f
    la a1, 1f
    jalr a0, 1(a0)      # bit 0 is cleared, and rd may be rs1
1:  failed
    nop
2:  same a0, a1
end
begin beq
    branch beq, 5, 5, 1
    branch beq, 5, 6, 0
end
begin bne
    branch bne, 5, 6, 1
    branch bne, 5, 5, 0
end
begin blt
    branch blt, -1, 0, 1
    branch blt, 0, 0, 0
end
begin bge
    branch bge, 0, 0, 1
    branch bge, -1, 0, 0
end
begin bltu
    branch bltu, 0, -1, 1
    branch bltu, -1, 0, 0
end
begin bgeu
    branch bgeu, -1, 0, 1
    branch bgeu, 0, -1, 0
end
begin mul
    rr mul, -3, 7, -21
    rr mul, 0x100000001, 0x100000001, 0x200000001
end
begin mulh
    rr mulh, -1, -1, 0
    rr mulh, MIN, MIN, 0x4000000000000000
    rr mulh, -1, 1, -1
end
begin mulhu
    rr mulhu, -1, -1, -2
end
begin mulhsu
    rr mulhsu, -1, -1, -1
    rr mulhsu, 1, -1, 0
end
begin div
    rr div, -20, 6, -3
    rr div, 1, 0, -1
    rr div, MIN, -1, MIN
end
begin divu
    rr divu, -20, 6, 0x2aaaaaaaaaaaaaa7
    rr divu, 1, 0, -1
end
begin rem
    rr rem, -20, 6, -2
    rr rem, 5, 0, 5
    rr rem, MIN, -1, 0
end
begin remu
    rr remu, -20, 6, 2
    rr remu, 5, 0, 5
end
begin mulw
    rr mulw, 0x7fffffff, 2, -2
end
begin divw
    rr divw, 0x80000000, -1, 0xffffffff80000000
    rr divw, 1, 0, -1
end
begin divuw
    rr divuw, 0xffffffff, 2, 0x7fffffff
    rr divuw, 1, 0, -1
end
begin remw
    rr remw, -20, 6, -2
    rr remw, 0x80000000, -1, 0
    rr remw, 7, 0, 7
end
begin remuw
    rr remuw, 0xffffffff, 0x10, 0xf
    rr remuw, 0x80000000, 0, 0xffffffff80000000
end
begin fence
    fence
    fence iorw, iorw
    fence.tso
end
begin fence_i                   # code that was run is changed
    li a2, 2
1:  li a0, 1
    la a1, 1b
    li t0, 0x00200513           # li a0, 2
    sw t0, 0(a1)
    fence.i
    addi a2, a2, -1
    bnez a2, 1b
    equal a0, 2
end
