/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the assembler: from the reset vector to flat protected mode, in a ROM that ends
 * at 4 GiB and whose last @size bytes begin at the label @start.
 */
#ifndef HOST_RUNNER_BOCHS_RESET_H
#define HOST_RUNNER_BOCHS_RESET_H

/* What follows it is 32-bit code, with a stack at @stack. */
	.macro	reset_enter start, size, stack
	.code16
real:
	cli
	/* CS begins 64 KiB below 4 GiB after a reset, and stays so until far jumps. */
	lgdtl %cs:(gdt_pointer - \start + 0x10000 - \size)
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmpl $8, $(protected - \start - \size)

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff	/* flat code */
	.quad 0x00cf93000000ffff	/* flat data */
gdt_pointer:
	.word . - gdt - 1
	.long gdt - \start - \size

	.code32
protected:
	mov $16, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %eax, %fs
	mov %eax, %gs
	mov $\stack, %esp
	cld
	.endm

/* The ROM's end; the CPU begins 16 bytes below 4 GiB (SDM 3A, "First Instruction Executed"). */
	.macro	reset_vector start, size
	.org \start + \size - 16
	.code16
	.byte 0xe9
	.word real - (. + 2)
	.org \start + \size
	.endm

#endif
