/* SPDX-License-Identifier: BSD-2-Clause */
/* How probe.S loads registers, jumps and returns in AArch32 state; assembly. */
#ifndef ASM_PROBE_H
#define ASM_PROBE_H

#include <asm/frame.h>

	/* R0: struct probe */
	.macro probe_load
	push {r4 - r12, lr}
	str sp, [r0, #PROBE_REGISTERS * 4]
	/* Flags that are not all the same: N and C. */
	mov r1, #0xa0000000
	msr cpsr_f, r1
	mov lr, r0
	ldm lr, {r0 - r12}
	ldr lr, [lr, #13 * 4]
	.endm

	.macro probe_jump
	bx r0
	.endm

	.macro probe_return
	pop {r4 - r12, pc}
	.endm

#endif
