/* SPDX-License-Identifier: BSD-2-Clause */
/* entry_probe.h: what a CPU finds when it is turned on. */

	.arch_extension virt
	.arch_extension sec
	.text
	.globl entry_probe
entry_probe:
	mrc p15, 0, r1, c1, c0, 0	/* SCTLR */
	mrs r2, cpsr
	mov r3, #0
	str r0, [r0]
	str r3, [r0, #4]
	str r1, [r0, #8]
	str r3, [r0, #12]
	str r2, [r0, #16]
	str r3, [r0, #20]
	dsb sy
	mov r1, #1
	str r1, [r0, #24]
	str r3, [r0, #28]
	dsb sy
	ldr r3, [r0, #32]
	mov r0, #0x84000000
	add r0, r0, #2			/* PSCI CPU_OFF */
	cmp r3, #0
	bne 2f
	hvc #0
2:	smc #0
	b .

	.section .note.GNU-stack, "", %progbits
