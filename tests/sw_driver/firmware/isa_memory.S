# SPDX-License-Identifier: Apache-2.0
#include "isa.h"
    .section .text.start, "ax"
    .option norvc
    .globl _start
_start:

.macro load_case op, offset, want
    la a0, pattern
    \op a1, \offset(a0)
    equal a1, \want
    addi a0, a0, 8
    \op a0, (\offset - 8)(a0)
    equal a0, \want
.endm
begin lb
    load_case lb, 0, 0xfffffffffffffff0
    load_case lb, 1, 0x01
end
begin lbu
    load_case lbu, 0, 0xf0
    load_case lbu, 7, 0x87
end
begin lh
    load_case lh, 0, 0x01f0
    load_case lh, 6, 0xffffffffffff8796
end
begin lhu
    load_case lhu, 6, 0x8796
end
begin lw
    load_case lw, 0, 0x2d3c01f0
    load_case lw, 4, 0xffffffff8796a54b
end
begin lwu
    load_case lwu, 4, 0x8796a54b
end
begin ld
    load_case ld, 0, 0x8796a54b2d3c01f0
end
.macro store_case op, value, want
    la a0, scratch
    li a1, -1
    sd a1, 0(a0)
    li a1, \value
    addi a0, a0, 16
    \op a1, -16(a0)
    ld a2, -16(a0)
    equal a2, \want
.endm
begin sb
    store_case sb, 0x1234567890abcdef, 0xffffffffffffffef
end
begin sh
    store_case sh, 0x1234567890abcdef, 0xffffffffffffcdef
end
begin sw
    store_case sw, 0x1234567890abcdef, 0xffffffff90abcdef
end
begin sd
    store_case sd, 0x1234567890abcdef, 0x1234567890abcdef
end
.macro amo_case op, memory, operand, want, width
    la a0, scratch
    li a1, \memory
    sd a1, 0(a0)
    li a2, \operand
    \op a3, a2, (a0)
    .ifc \width, w
    sext.w a1, a1
    .endif
    same a3, a1
    ld a4, 0(a0)
    equal a4, \want
    sd a1, 8(a0)
    addi a5, a0, 8
    \op a2, a2, (a5)            # rd is rs2
    same a2, a1
.endm
begin amoswap_w
    amo_case amoswap.w, 0x1111111180000000, 0x222222223, 0x1111111122222223, w
end
begin amoadd_w
    amo_case amoadd.w, 0x11111111ffffffff, 2, 0x1111111100000001, w
end
begin amoxor_w
    amo_case amoxor.w, 0x11111111ff00ff00, 0x0ff00ff0, 0x11111111f0f0f0f0, w
end
begin amoand_w
    amo_case amoand.w, 0x11111111ff00ff00, 0x0ff00ff0, 0x111111110f000f00, w
end
begin amoor_w
    amo_case amoor.w, 0x11111111ff00ff00, 0x0ff00ff0, 0x11111111fff0fff0, w
end
begin amomin_w
    amo_case amomin.w, 0x11111111fffffff0, 1, 0x11111111fffffff0, w
    amo_case amomin.w, 0x1111111100000001, -1, 0x11111111ffffffff, w
end
begin amomax_w
    amo_case amomax.w, 0x11111111fffffff0, 1, 0x1111111100000001, w
    amo_case amomax.w, 0x1111111100000001, -1, 0x1111111100000001, w
end
begin amominu_w
    amo_case amominu.w, 0x11111111fffffff0, 0x1100000001, 0x1111111100000001, w
end
begin amomaxu_w
    amo_case amomaxu.w, 0x11111111fffffff0, 0x1100000001, 0x11111111fffffff0, w
end
begin amoswap_d
    amo_case amoswap.d, 0x1111111180000000, 0x222222223, 0x222222223, d
end
begin amoadd_d
    amo_case amoadd.d, 0x11111111ffffffff, 2, 0x1111111200000001, d
end
begin amoxor_d
    amo_case amoxor.d, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0xf0f0f0f0f0f0f0f0, d
end
begin amoand_d
    amo_case amoand.d, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0x0f000f000f000f00, d
end
begin amoor_d
    amo_case amoor.d, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0xfff0fff0fff0fff0, d
end
begin amomin_d
    amo_case amomin.d, -16, 1, -16, d
end
begin amomax_d
    amo_case amomax.d, -16, 1, 1, d
end
begin amominu_d
    amo_case amominu.d, -16, 1, 1, d
end
begin amomaxu_d
    amo_case amomaxu.d, -16, 1, -16, d
end
begin lr_w
    la a0, pattern
    lr.w a1, (a0)
    equal a1, 0x2d3c01f0
end
begin lr_d
    la a0, pattern
    lr.d a1, (a0)
    equal a1, 0x8796a54b2d3c01f0
end
.macro sc_case suffix, store
    la a0, scratch
    addi a2, a0, 64
    li a1, 7
    lr.\suffix a3, (a0)
    sc.\suffix a3, a1, (a0)
    equal a3, 0                 # reserved
    sc.\suffix a3, a1, (a0)
    equal a3, 1                 # the reservation is used up
    lr.\suffix a3, (a0)
    sc.\suffix a3, a1, (a2)
    equal a3, 1                 # another address
    sc.\suffix a3, a1, (a0)
    equal a3, 1                 # ... and it is gone all the same
.endm
begin sc_w
    sc_case w, sw
end
begin sc_d
    sc_case d, sd
end
    .balign 8
pattern:
    .dword 0x8796a54b2d3c01f0
    .dword 0
scratch:
    .zero 128
