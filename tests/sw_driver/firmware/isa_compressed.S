# SPDX-License-Identifier: Apache-2.0
#include "isa.h"
    .section .text.start, "ax"
    .option rvc
    .globl _start
_start:

begin c_addi
    li a0, 10
    c.addi a0, -32
    equal a0, -22
end
begin c_addiw
    li a0, 0x7fffffff
    c.addiw a0, 1
    equal a0, 0xffffffff80000000
end
begin c_li
    c.li a0, -32
    equal a0, -32
end
begin c_lui
    c.lui a0, 0xfffe1
    equal a0, 0xfffffffffffe1000
    c.lui a0, 31
    equal a0, 0x1f000
end
begin c_addi16sp
    li sp, 1000
    c.addi16sp sp, -512
    equal sp, 488
    c.addi16sp sp, 496
    equal sp, 984
end
begin c_addi4spn
    li sp, 1000
    c.addi4spn a0, sp, 1020
    equal a0, 2020
end
begin c_slli
    li a0, 1
    c.slli a0, 63
    equal a0, 0x8000000000000000
end
begin c_srli
    li a0, -1
    c.srli a0, 63
    equal a0, 1
end
begin c_srai
    li a0, 0x8000000000000000
    c.srai a0, 63
    equal a0, -1
end
begin c_andi
    li a0, -1
    c.andi a0, -32
    equal a0, -32
end
.macro two op, want
    li a0, 12
    li a1, 10
    \op a0, a1
    equal a0, \want
.endm
begin c_mv
    two c.mv, 10
end
begin c_add
    two c.add, 22
end
begin c_sub
    two c.sub, 2
end
begin c_xor
    two c.xor, 6
end
begin c_or
    two c.or, 14
end
begin c_and
    two c.and, 8
end
begin c_addw
    two c.addw, 22
end
begin c_subw
    two c.subw, 2
end
begin c_j
    c.j 2f
1:  li a0, 1
    c.j 3f
2:  c.j 1b
3:  equal a0, 1
end
begin c_jr
    la a0, 1f
    c.jr a0
    failed
1:  equal zero, 0
end
begin c_jalr
    la a0, 2f
    c.jalr a0
1:  failed
2:  la a1, 1b
    same ra, a1
end
begin c_beqz
    li a0, 0
    c.beqz a0, 1f
    failed
1:  li a0, 1
    c.beqz a0, 2f
    equal zero, 0
    end
2:  failed
begin c_bnez
    li a0, 1
    c.bnez a0, 1f
    failed
1:  li a0, 0
    c.bnez a0, 2f
    equal zero, 0
    end
2:  failed
begin c_lw_c_sw
    la a0, scratch
    li a1, 0x89abcdef
    c.sw a1, 124(a0)
    c.lw a2, 124(a0)
    equal a2, 0xffffffff89abcdef
end
begin c_ld_c_sd
    la a0, scratch
    li a1, 0x0123456789abcdef
    c.sd a1, 248(a0)
    c.ld a2, 248(a0)
    equal a2, 0x0123456789abcdef
end
begin c_lwsp_c_swsp
    la sp, scratch
    li a1, 0x89abcdef
    c.swsp a1, 252(sp)
    c.lwsp a2, 252(sp)
    equal a2, 0xffffffff89abcdef
end
begin c_ldsp_c_sdsp
    la sp, scratch
    li a1, 0x0123456789abcdef
    c.sdsp a1, 504(sp)
    c.ldsp a2, 504(sp)
    equal a2, 0x0123456789abcdef
end
begin c_nop
    c.nop
    equal zero, 0
end
    # a 4-byte instruction across a page boundary
    .balign 4096
    .zero 4096 - 8
    .option norvc
begin straddles_a_page
    .option rvc
    c.nop
    .option norvc
    lui a0, 0x12345
    .option rvc
    equal a0, 0x12345000
end
    .balign 8
scratch:
    .zero 640
