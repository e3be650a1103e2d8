# SPDX-License-Identifier: Apache-2.0
# Reset entry of every hart. In: a0 hart number, a1 the platform's argument (see boot.h). Sets up gp, sp, a
# guard page below the stack, the trap vector and a trap stack; hart 0 clears .bss; then main(hart, argument).
    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    # sp = __stacks + (hart + 1) * stride
    la t0, __stacks
    la t1, __stack_stride
    addi t2, a0, 1
    mul t2, t2, t1
    add sp, t0, t2
    # The guard, 4 KiB without any permission and locked, is the lowest page of the hart's stack area.
    sub t2, sp, t1
    srli t2, t2, 2
    ori t2, t2, 0x1ff          # NAPOT, 4 KiB
    csrw pmpaddr0, t2
    li t2, 0x98                # locked, NAPOT, no access
    csrw pmpcfg0, t2
    la t2, trap_entry
    csrw mtvec, t2
    # mscratch = top of this hart's trap stack
    la t0, __trap_stacks
    la t1, __trap_stack_bytes
    addi t2, a0, 1
    mul t2, t2, t1
    add t0, t0, t2
    csrw mscratch, t0
    la t4, __boot_flag
    bnez a0, wait_for_hart_0
    la t0, __bss_start
    la t1, __bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  fence
    li t0, 1
    sw t0, 0(t4)
    j start_main
wait_for_hart_0:
    lw t0, 0(t4)
    beqz t0, wait_for_hart_0
    fence
start_main:
    call main
    call exit_program
    .size _start, . - _start

# Saves the caller-saved registers on the trap stack, because the stack itself may be what failed.
    .text
    .balign 4
    .globl trap_entry
    .type trap_entry, @function
trap_entry:
    csrrw sp, mscratch, sp
    addi sp, sp, -144
    sd ra, 0(sp)
    sd t0, 8(sp)
    sd t1, 16(sp)
    sd t2, 24(sp)
    sd a0, 32(sp)
    sd a1, 40(sp)
    sd a2, 48(sp)
    sd a3, 56(sp)
    sd a4, 64(sp)
    sd a5, 72(sp)
    sd a6, 80(sp)
    sd a7, 88(sp)
    sd t3, 96(sp)
    sd t4, 104(sp)
    sd t5, 112(sp)
    sd t6, 120(sp)
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call dispatch_trap
    csrw mepc, a0
    ld ra, 0(sp)
    ld t0, 8(sp)
    ld t1, 16(sp)
    ld t2, 24(sp)
    ld a0, 32(sp)
    ld a1, 40(sp)
    ld a2, 48(sp)
    ld a3, 56(sp)
    ld a4, 64(sp)
    ld a5, 72(sp)
    ld a6, 80(sp)
    ld a7, 88(sp)
    ld t3, 96(sp)
    ld t4, 104(sp)
    ld t5, 112(sp)
    ld t6, 120(sp)
    addi sp, sp, 144
    csrrw sp, mscratch, sp
    mret
    .size trap_entry, . - trap_entry
