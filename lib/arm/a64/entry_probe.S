/* SPDX-License-Identifier: BSD-2-Clause */
/* entry_probe.h: what a CPU finds when it is turned on. */

	.text
	.globl entry_probe
entry_probe:
	mrs x1, sctlr_el1
	mrs x2, currentel
	cmp x2, #8
	b.ne 1f
	mrs x1, sctlr_el2
1:	mrs x3, daif
	mrs x4, spsel
	str x0, [x0]			/* its argument, which leads here */
	str x1, [x0, #8]
	orr x2, x2, x3
	orr x2, x2, x4
	str x2, [x0, #16]
	dsb sy
	mov x1, #1
	str x1, [x0, #24]
	dsb sy
	ldr x3, [x0, #32]
	mov w0, #0x84000000
	add w0, w0, #2			/* PSCI CPU_OFF */
	cbnz x3, 2f
	hvc #0
2:	smc #0
	b .

	.section .note.GNU-stack, "", @progbits
