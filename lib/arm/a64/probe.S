/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h: registers from memory, an exception, and back. */
#include <asm/frame.h>
#include <asm/saved.h>

	.text
	.macro load
	saved_push
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
	saved_pop
	ret

	.section .note.GNU-stack, "", @progbits
