/* SPDX-License-Identifier: BSD-2-Clause */
/* debug.h: comparators by number, and code whose instructions are known. */

	.text
	/* X0: number, X1: value, X2: control.  Each entry of the table is 3 instructions. */
	.macro comparators name, value, control
	.globl \name
\name:
	adr x3, 1f
	mov w4, #12
	and w0, w0, #15
	umaddl x3, w0, w4, x3
	br x3
1:
	.irp which, 0_el1, 1_el1, 2_el1, 3_el1, 4_el1, 5_el1, 6_el1, 7_el1, 8_el1, \
		9_el1, 10_el1, 11_el1, 12_el1, 13_el1, 14_el1, 15_el1
	msr \value\which, x1
	msr \control\which, x2
	b 2f
	.endr
2:	isb
	ret
	.endm

	comparators breakpoint_set, dbgbvr, dbgbcr
	comparators watchpoint_set, dbgwvr, dbgwcr

	/* Debug exceptions are let in, and shut out again, around some instructions. */
	.globl debug_run, debug_run_first, debug_run_branch, debug_run_target
debug_run:
	msr daifclr, #8
debug_run_first:
	.rept 16
	nop
	.endr
debug_run_branch:
	b debug_run_target
	nop
debug_run_target:
	nop
	msr daifset, #8
	ret

	/* X0: bytes, W1: how many; one store each */
	.globl debug_store
debug_store:
	msr daifclr, #8
1:	strb w1, [x0], #1
	subs w1, w1, #1
	b.ne 1b
	msr daifset, #8
	ret

	.section .note.GNU-stack, "", @progbits
