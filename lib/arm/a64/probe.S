/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h: registers from memory, an exception, and back. */
#include <asm/frame.h>

	.text
	.macro load
	stp x29, x30, [sp, #-96]!
	stp x19, x20, [sp, #16]
	stp x21, x22, [sp, #32]
	stp x23, x24, [sp, #48]
	stp x25, x26, [sp, #64]
	stp x27, x28, [sp, #80]
	mov x1, sp
	str x1, [x0, #PROBE_REGISTERS * 8]
	mov x1, x0
	.set number, 2
	.rept (PROBE_REGISTERS - 3) / 2
	probe_pair %number
	.set number, number + 2
	.endr
	ldr x30, [x1, #30 * 8]
	/* Flags that are not all the same: N and C. */
	mov x0, #0xa0000000
	msr nzcv, x0
	ldp x0, x1, [x1]
	.endm

	.altmacro
	.macro probe_pair n
	probe_pair_of \n, %(\n + 1)
	.endm
	.macro probe_pair_of n, m
	ldp x\n, x\m, [x1, #\n * 8]
	.endm

	.globl probe_undefined, probe_undefined_insn
probe_undefined:
	load
probe_undefined_insn:
	udf #0
	b .

	.globl probe_svc, probe_svc_insn
probe_svc:
	load
probe_svc_insn:
	svc #123
	b .

	.globl probe_branch
probe_branch:
	load
	br x0

	.globl probe_end
probe_end:
	ldp x19, x20, [sp, #16]
	ldp x21, x22, [sp, #32]
	ldp x23, x24, [sp, #48]
	ldp x25, x26, [sp, #64]
	ldp x27, x28, [sp, #80]
	ldp x29, x30, [sp], #96
	ret

	.section .note.GNU-stack, "", @progbits
