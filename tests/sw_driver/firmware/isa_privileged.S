# SPDX-License-Identifier: Apache-2.0
#include "isa.h"
#define CLINT 0x02000000
#define PLIC 0x0c000000
#define UART 0x10000000
    .section .text.start, "ax"
    .option norvc
    .globl _start
_start:

/* The instruction traps with this cause; mepc is its address and mtval is in s1. */
.macro traps cause, instruction:vararg
    la t0, 98f
    csrw mtvec, t0
    la s0, 97f
97: \instruction
    failed
    .balign 4
98: csrr a4, mcause
    equal a4, \cause
    csrr a4, mepc
    same a4, s0
    csrr a4, mtval
    same a4, s1
.endm

begin trap_load_misaligned
    la a0, scratch
    addi s1, a0, 1
    traps 4, lh a1, 1(a0)
    traps 4, lw a1, 1(a0)
    addi s1, a0, 4
    traps 4, ld a1, 4(a0)
    addi a0, a0, 2
    mv s1, a0
    traps 4, lr.w a1, (a0)
end
begin trap_store_misaligned
    la a0, scratch
    addi s1, a0, 1
    traps 6, sh a1, 1(a0)
    addi s1, a0, 2
    traps 6, sw a1, 2(a0)
    addi s1, a0, 4
    traps 6, sd a1, 4(a0)
    addi a0, a0, 4
    mv s1, a0
    traps 6, amoadd.d a1, a1, (a0)
    traps 6, sc.d a1, a1, (a0)
end
begin trap_load_access_fault
    li s1, 0x30000000
    traps 5, ld a1, (s1)
    traps 5, lb a1, (s1)
    equal a1, 0
end
begin trap_store_access_fault
    li s1, 0x30000000
    traps 7, sd a1, (s1)
    traps 7, amoswap.w a1, a1, (s1)
    li s1, 0x10000          # boot ROM
    traps 7, sw a1, (s1)
end
begin trap_instruction_access_fault
    li s1, 0x30000000
    la t0, 1f
    csrw mtvec, t0
    jr s1
    failed
    .balign 4
1:  csrr a4, mcause
    equal a4, 1
    csrr a4, mepc
    same a4, s1
    csrr a4, mtval
    same a4, s1
end
begin trap_illegal_instruction
    li s1, 0xffffffff
    traps 2, .word 0xffffffff
    li s1, 0
    traps 2, .word 0
    li s1, 0x7c002e73       # no such CSR
    traps 2, .word 0x7c002e73
    li s1, 0xf1401073       # mhartid is read-only
    traps 2, .word 0xf1401073
    li s1, 0x00001073 | 0xc00 << 20
    traps 2, .word 0xc0001073
    li s1, 0x10200073       # SRET: no supervisor mode
    traps 2, .word 0x10200073
end
begin trap_breakpoint
    la s1, 97f
    traps 3, ebreak
end
begin trap_ecall
    li s1, 0
    traps 11, ecall
end
begin mret
    li a0, 0x88             # MPIE, MIE
    csrw mstatus, a0
    traps 11, ecall
    csrr a0, mstatus
    li a1, 0x1888
    and a0, a0, a1
    equal a0, 0x1880        # MPP machine, MPIE set, MIE clear
    la a0, 1f
    csrw mepc, a0
    mret
    failed
1:  csrr a0, mstatus
    and a0, a0, a1
    equal a0, 0x0088        # MIE restored, MPP the least privileged
    csrw mstatus, zero
end
begin csrrw
    li a0, 5
    csrw mscratch, a0
    li a1, 9
    csrrw a1, mscratch, a1
    equal a1, 5
    csrr a2, mscratch
    equal a2, 9
end
begin csrrs
    li a0, 5
    csrw mscratch, a0
    li a1, 10
    csrrs a2, mscratch, a1
    equal a2, 5
    csrrs a2, mscratch, zero
    equal a2, 15
    csrrs a2, mhartid, zero     # no write, so no trap
    equal a2, 0
end
begin csrrc
    li a0, 15
    csrw mscratch, a0
    li a1, 10
    csrrc a2, mscratch, a1
    equal a2, 15
    csrr a2, mscratch
    equal a2, 5
end
begin csrrwi
    csrwi mscratch, 17
    csrrwi a0, mscratch, 31
    equal a0, 17
    csrr a0, mscratch
    equal a0, 31
end
begin csrrsi
    csrwi mscratch, 1
    csrrsi a0, mscratch, 6
    equal a0, 1
    csrr a0, mscratch
    equal a0, 7
end
begin csrrci
    csrwi mscratch, 7
    csrrci a0, mscratch, 2
    equal a0, 7
    csrr a0, mscratch
    equal a0, 5
end
begin misa
    csrr a0, misa
    equal a0, 0x8000000000101105     # RV64 A C I M U
end
begin instret
    csrr a0, instret
    nop
    nop
    csrr a1, instret
    sub a1, a1, a0
    equal a1, 3
    li a0, 1000
    csrw minstret, a0
    csrr a1, minstret
    equal a1, 1000
end
begin cycle
    csrr a0, cycle
    nop
    nop
    csrr a1, cycle
    sub a1, a1, a0
    equal a1, 3                 # one per instruction
end
begin time
    csrr a0, time
    li a2, 1000                 # 2000 instructions, 2 us at 1 GHz
1:  addi a2, a2, -1
    bnez a2, 1b
    csrr a1, time
    sub a1, a1, a0
    equal a1, 20                # ticks of 100 ns
    li a0, CLINT + 0xbff8
    ld a1, (a0)
    csrr a2, time
    sub a1, a2, a1
    sltiu a1, a1, 2
    equal a1, 1                 # mtime is the same clock
end

.macro interrupt_case mask, cause, raise:vararg
    la t0, 98f
    csrw mtvec, t0
    li a0, \mask
    csrw mie, a0
    \raise
    csrr a1, mip
    and a1, a1, a0
    equal a1, \mask
    la s0, 97f
    csrsi mstatus, 8
97: failed
    .balign 4
98: csrr a4, mcause
    equal a4, 0x8000000000000000 + \cause
    csrr a4, mepc
    same a4, s0
    csrr a4, mtval
    equal a4, 0
.endm
begin interrupt_software
    li s2, CLINT
    li s3, 1
    interrupt_case 8, 3, sw s3, (s2)
    sw zero, (s2)
    csrr a1, mip
    equal a1, 0
end
begin interrupt_timer
    li s2, CLINT + 0x4000
    interrupt_case 0x80, 7, sd zero, (s2)
    li a0, -1
    sd a0, (s2)
    csrr a1, mip
    equal a1, 0
end
begin interrupt_external        # the UART's transmitter interrupt is source 10
    li a0, PLIC
    li a1, 1
    sw a1, 40(a0)
    li a0, PLIC + 0x2000
    li a1, 1 << 10
    sw a1, (a0)
    li s2, UART
    li s3, 2
    interrupt_case 0x800, 11, sb s3, 1(s2)
    li a0, PLIC + 0x200004
    lw a1, (a0)
    equal a1, 10
    csrr a2, mip
    equal a2, 0                 # claimed
    lbu a3, 2(s2)
    equal a3, 2                 # transmitter empty; reading lowers the line
    sw a1, (a0)
    lw a1, (a0)
    equal a1, 0                 # nothing is left
end
begin interrupt_priority        # external, software, timer
    li a0, CLINT + 0x4000
    sd zero, (a0)
    li a0, CLINT
    li a1, 1
    sw a1, (a0)
    li a1, 0x88
    csrw mie, a1
    la t0, 1f
    csrw mtvec, t0
    csrsi mstatus, 8
    failed
    .balign 4
1:  csrr a0, mcause
    equal a0, 0x8000000000000003
end
begin interrupt_vectored
    la t0, 1f
    ori t0, t0, 1
    csrw mtvec, t0
    csrr a0, mtvec
    same a0, t0
    li a0, CLINT + 0x4000
    sd zero, (a0)
    li a1, 0x80
    csrw mie, a1
    csrsi mstatus, 8
    failed
    .balign 64
1:  j 3f                        # exceptions
    .rept 6
    j 2f
    .endr
    j 4f                        # timer
2:  failed
3:  csrr a0, mcause
    equal a0, 11
    end
4:  csrr a0, mcause
    equal a0, 0x8000000000000007
    ecall                       # exceptions go to the base
    failed
begin interrupt_disabled        # pending, but not taken without mstatus.MIE
    li a0, CLINT
    li a1, 1
    sw a1, (a0)
    csrwi mie, 8
    nop
    csrr a2, mip
    equal a2, 8
end
begin wfi                       # ends at the timer, at the right time, without taking the interrupt
    li a0, CLINT + 0x4000
    csrr a1, time
    addi a1, a1, 500
    sd a1, (a0)
    li a2, 0x80
    csrw mie, a2
    wfi
    csrr a3, time
    sltu a4, a3, a1
    equal a4, 0
    addi a1, a1, 2
    sltu a4, a3, a1
    equal a4, 1
end
begin user_mode
    li a0, -1                   # PMP: everything allowed to user mode
    csrw pmpaddr0, a0
    li a0, 0x1f
    csrw pmpcfg0, a0
    la a0, 1f
    csrw mepc, a0
    li a0, 0x1800
    csrc mstatus, a0
    la t0, 2f
    csrw mtvec, t0
    mret
1:  ecall
    failed
    .balign 4
2:  csrr a0, mcause
    equal a0, 8
    csrr a0, mstatus
    srli a0, a0, 11
    andi a0, a0, 3
    equal a0, 0                 # came from user mode
    la a0, 3f
    csrw mepc, a0
    la t0, 4f
    csrw mtvec, t0
    mret
3:  csrr a0, mscratch           # not for user mode
    failed
    .balign 4
4:  csrr a0, mcause
    equal a0, 2
end
begin pmp_user_without_entry    # no entry matches: user mode may not even fetch
    la a1, 1f
    csrw mepc, a1
    la t0, 2f
    csrw mtvec, t0
    li a0, 0x1800
    csrc mstatus, a0
    mret
1:  nop
    failed
    .balign 4
2:  csrr a0, mcause
    equal a0, 1
    csrr a0, mtval
    same a0, a1
end
begin pmp_locked                # a locked entry binds machine mode
    la s1, scratch
    sd zero, (s1)
    srli a0, s1, 2
    csrw pmpaddr0, a0           # NA4: four bytes
    li a0, 0x91                 # locked, NA4, read only
    csrw pmpcfg0, a0
    lw a1, (s1)
    equal a1, 0
    traps 7, sw a1, (s1)
    sw a1, 4(s1)                # beside it
    traps 5, ld a1, (s1)        # matches only a part
    csrw pmpcfg0, zero
    csrr a0, pmpcfg0
    equal a0, 0x91
end
begin mprv                      # loads as user mode
    la s1, scratch
    li a0, 0x20000
    csrs mstatus, a0
    traps 5, lw a1, (s1)
    csrr a0, mstatus
    srli a0, a0, 17
    andi a0, a0, 1
    equal a0, 1
end
    .balign 8
scratch:
    .zero 64
