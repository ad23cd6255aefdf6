/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h: registers from memory, an exception, and back. */
#include <asm/frame.h>

	.text
	.macro load
	push {r4 - r12, lr}
	str sp, [r0, #PROBE_REGISTERS * 4]
	/* Flags that are not all the same: N and C. */
	mov r1, #0xa0000000
	msr cpsr_f, r1
	mov lr, r0
	ldm lr, {r0 - r12}
	ldr lr, [lr, #13 * 4]
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
	bx r0

	.globl probe_end
probe_end:
	pop {r4 - r12, pc}

	.section .note.GNU-stack, "", %progbits
