/* SPDX-License-Identifier: BSD-2-Clause */
/* From a new PSW to C and back: builds struct frame (exception.h). */
#include <asm/start.h>
#include <defs/lowcore.h>

	.text
	.macro vector name, old, kind
	.globl vector_\name
vector_\name:
	stmg %r0, %r15, LOWCORE_SAVE
	lghi %r1, \kind
	lghi %r2, \old
	j vectors_common
	.endm

	vector restart, LOWCORE_RESTART_OLD, KIND_RESTART
	vector ext, LOWCORE_EXT_OLD, KIND_EXT
	vector svc, LOWCORE_SVC_OLD, KIND_SVC
	vector pgm, LOWCORE_PGM_OLD, KIND_PGM
	vector mck, LOWCORE_MCK_OLD, KIND_MCK
	vector io, LOWCORE_IO_OLD, KIND_IO

vectors_common:
	tm 1(%r2), 1			/* PSW bit 15: problem state */
	jz 1f
	lg %r15, LOWCORE_KERNEL_SP
	j 2f
	/* The interrupted stack, if it is one; else the user's, which is not in use. */
1:	lgr %r3, %r15
	aghi %r3, -1
	nill %r3, 0x10000 - CPU_BLOCK_SIZE_ASM
	cg %r3, LOWCORE_BLOCK
	je 2f
	lg %r15, LOWCORE_BLOCK
	aghi %r15, CPU_STACK_USER_ASM - STACK_AREA
2:	lay %r15, -(STACK_AREA + FRAME_SIZE)(%r15)
	mvc STACK_AREA(128, %r15), LOWCORE_SAVE
	mvc FRAME_PSW(16, %r15), 0(%r2)
	stg %r1, FRAME_KIND(%r15)
	mvc FRAME_INTERRUPTION(LOWCORE_INTERRUPTION_SIZE, %r15), LOWCORE_INTERRUPTION
	mvc 0(8, %r15), LOWCORE_SAVE + 15 * 8
	la %r2, STACK_AREA(%r15)
	brasl %r14, vectors_dispatch
	mvc LOWCORE_PSW(16), FRAME_PSW(%r15)
	lmg %r0, %r15, STACK_AREA(%r15)
	lpswe LOWCORE_PSW

	.section .note.GNU-stack, "", @progbits
