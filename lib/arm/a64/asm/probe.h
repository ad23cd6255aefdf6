/* SPDX-License-Identifier: BSD-2-Clause */
/* How probe.S loads registers, jumps and returns in AArch64 state; assembly. */
#ifndef ASM_PROBE_H
#define ASM_PROBE_H

#include <asm/frame.h>
#include <asm/saved.h>

	/* X0: struct probe */
	.macro probe_load
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

	.macro probe_jump
	br x0
	.endm

	.macro probe_return
	saved_pop
	ret
	.endm

#endif
