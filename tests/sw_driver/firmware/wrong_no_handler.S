# SPDX-License-Identifier: Apache-2.0
# A raw program without any runtime: no trap handler, and a bad pointer.
    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    li t0, 0x20
    .globl bad_load
    .type bad_load, @function
bad_load:
    lw t1, 0(t0)
1:  j 1b
