/* SPDX-License-Identifier: Apache-2.0 */
/* Self-checking programs: every symbol test_<name> is one, started by the test with all registers zero. It
 * exits with 0, or with the number of the check that failed. */
#define EXIT_DEVICE 0x100000

.macro begin name
    .globl test_\name
    .type test_\name, @function
test_\name:
    li gp, 0
.endm
.macro end
    li t0, EXIT_DEVICE
    li t1, 0x5555
    sw t1, 0(t0)
    j .
.endm
.macro failed
    li t0, EXIT_DEVICE
    slli t1, gp, 16
    li t2, 0x3333
    or t1, t1, t2
    sw t1, 0(t0)
    j .
.endm
.macro equal register, value
    addi gp, gp, 1
    li t3, \value
    beq \register, t3, .Lok\@
    failed
.Lok\@:
.endm
.macro same register, other
    addi gp, gp, 1
    beq \register, \other, .Lok\@
    failed
.Lok\@:
.endm
/* register-register, with each operand as destination too */
.macro rr op, a, b, want
    li a0, \a
    li a1, \b
    \op a2, a0, a1
    equal a2, \want
    \op a0, a0, a1
    equal a0, \want
    li a0, \a
    \op a1, a0, a1
    equal a1, \want
    \op zero, a0, a0
    equal zero, 0
.endm
.macro ri op, a, immediate, want
    li a0, \a
    \op a2, a0, \immediate
    equal a2, \want
    \op a0, a0, \immediate
    equal a0, \want
.endm
/* the branch goes as wanted, forward and backward */
.macro branch op, a, b, taken
    li a0, \a
    li a1, \b
    j .Ltest\@
.Ltaken\@:
    li a2, 1
    j .Lbackward\@
.Ltest\@:
    li a2, 0
    \op a0, a1, .Ltaken\@
.Lbackward\@:
    equal a2, \taken
    li a2, 1
    \op a0, a1, .Lforward\@
    li a2, 0
.Lforward\@:
    equal a2, \taken
.endm
