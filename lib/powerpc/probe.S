/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h: registers from memory, an interrupt, and back. */
#include <asm/start.h>

#define SAVED_FRAME	(FRAME_ABI + 8 * 18)

	.text
	.macro saved insn
	.irp n, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn %r\n, FRAME_ABI + 8 * (\n - 14)(%r1)
	.endr
	.endm

	.macro load
	mflr %r0
	std %r0, 16(%r1)
	mfcr %r0
	std %r0, 8(%r1)
	stdu %r1, -SAVED_FRAME(%r1)
	std %r2, 24(%r1)
	saved std
	std %r1, 8(%r3)
	ld %r0, 32 * 8(%r3)
	mtcr %r0
	ld %r0, 33 * 8(%r3)
	mtxer %r0
	ld %r0, 34 * 8(%r3)
	mtctr %r0
	ld %r0, 35 * 8(%r3)
	mtlr %r0
	ld %r0, 0(%r3)
	.irp n, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, \
		22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 3
	ld %r\n, 8 * \n(%r3)
	.endr
	.endm

	.globl probe_illegal, probe_illegal_insn
probe_illegal:
	load
probe_illegal_insn:
	.long 0
	trap

	.globl probe_sc, probe_sc_insn
probe_sc:
	load
probe_sc_insn:
	sc
	trap

	.globl probe_end
probe_end:
	ld %r2, 24(%r1)
	saved ld
	addi %r1, %r1, SAVED_FRAME
	ld %r0, 8(%r1)
	mtcr %r0
	ld %r0, 16(%r1)
	mtlr %r0
	blr

	.section .note.GNU-stack, "", @progbits
