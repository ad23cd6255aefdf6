/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jump_set() and jump_to() of asm/setjmp.h, user_enter() and user_return() of
 * exception.h, cpu_wait() of asm/cpu.h.
 */
#include <asm/start.h>
#include <defs/lowcore.h>
#include <defs/psw.h>

	.text
	.globl jump_set, jump_to, user_enter, user_return, user_done, cpu_wait
jump_set:
	stmg %r6, %r15, 0(%r2)
	lghi %r2, 0
	br %r14

jump_to:
	lmg %r6, %r15, 0(%r2)
	lgfr %r2, %r3
	br %r14

	/* void user_enter(fn, arg, mask of the PSW, stack): comes back at user_done */
user_enter:
	stmg %r6, %r15, 48(%r15)
	stg %r15, LOWCORE_KERNEL_SP
	stg %r4, LOWCORE_PSW
	larl %r1, 1f
	stg %r1, LOWCORE_PSW + 8
	lgr %r15, %r5
	lpswe LOWCORE_PSW
1:	lgr %r1, %r2
	lgr %r2, %r3
	basr %r14, %r1
user_done:
	.word 0				/* at a known address: SVC is left to tests */

	/* R2: where the kernel's stack was when user_enter() left it */
user_return:
	lmg %r6, %r15, 48(%r2)
	br %r14

	/* R14 leads back here, where the caller's is on the stack. */
	.globl branch_to
branch_to:
	stmg %r6, %r15, 48(%r15)
	aghi %r15, -STACK_AREA
	basr %r14, %r2
	lmg %r6, %r15, 48 + STACK_AREA(%r15)
	br %r14

cpu_wait:
	epsw %r0, %r1
	sllg %r0, %r0, 32
	llgfr %r1, %r1
	ogr %r0, %r1
	ogr %r0, %r2
	oihh %r0, PSW_WAIT >> 48
	stg %r0, LOWCORE_PSW
	larl %r1, 1f
	stg %r1, LOWCORE_PSW + 8
	lpswe LOWCORE_PSW
1:	br %r14

	.section .note.GNU-stack, "", @progbits
