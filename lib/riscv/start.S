/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an image begins, and where its other harts do: supervisor mode, translation off,
 * interrupts off, a0 the hart's id; a1 the device tree's address, or what HSM was given.
 */
#include <abi/image.h>
#include <asm/start.h>
#include <defs/csr.h>

	.section .boot, "ax"
	.globl start
start:
	/* The header of RISC-V kernels (Linux, boot-image-header.rst), version 0.2. */
	.option push
	.option norvc
	j enter
	.4byte 0
	.option pop
	.8byte IMAGE_OFFSET		/* from the beginning of RAM */
	.8byte image_end - start	/* bytes of memory */
	.8byte 0			/* little-endian */
	.4byte 2, 0
	.8byte 0
	.ascii "RISCV\0\0\0"
	.ascii "RSC\x05"
	.4byte 0

	.balign 16
	.4byte ABI_IMAGE_MAGIC0, ABI_IMAGE_MAGIC1
	.2byte ABI_IMAGE_VERSION, WORD_BYTES
	.4byte ABI_TEST_WORDS_ASM * WORD_BYTES
	.weak image_arguments
	.hidden image_arguments, tests_start, tests_end
	/* Eight bytes each, little-endian, of which a relocation knows a word. */
	.macro address symbol
	WORD \symbol
	.if WORD_BYTES == 4
	.4byte 0
	.endif
	.endm
	address tests_start
	address tests_end
	address image_arguments
	address start

	.balign 4
enter:
	csrw sie, zero
	csrw satp, zero
	lla t0, start_taken
	li t1, 1
	amoswap.w.aqrl t1, t1, (t0)
	bnez t1, stray
	mv s0, a0
	mv s1, a1
	/* Addresses in data are as if the image lay at 0. */
	lla t0, start
	lla t1, relocations_start
	lla t2, relocations_end
1:	bgeu t1, t2, 3f
	LOAD t3, 0(t1)
	LOAD t4, WORD_BYTES(t1)
	LOAD t5, 2 * WORD_BYTES(t1)
	li t6, RELOCATION_RELATIVE
	bne t4, t6, .			/* the linker promised that there are no others */
	add t5, t5, t0
	add t3, t3, t0
	STORE t5, 0(t3)
	addi t1, t1, 3 * WORD_BYTES
	j 1b
3:	lla t1, bss_start
	lla t2, bss_end
4:	STORE zero, 0(t1)
	addi t1, t1, WORD_BYTES
	bltu t1, t2, 4b

	lla a2, cpu0
	li t0, CPU_STACK_MAIN_ASM
	add sp, a2, t0
	jal hart_prepare
	mv a0, s0
	mv a1, s1
	li s0, 0			/* the last frame of a stack trace */
	li ra, 0
	j start_boot_cpu

	/*
	 * OpenSBI 1.1 lets a hart go before it has written where to: one that has not
	 * waited long then comes here, although it was to go to start_other.
	 */
stray:
	lla t0, start_blocks
	LOAD t1, 0(t0)
	LOAD t2, WORD_BYTES(t0)
	li t3, CPU_BLOCK_SIZE_ASM
1:	beqz t2, 2f
	LOAD t4, WORD_BYTES(t1)
	mv a1, t1
	beq t4, a0, start_other
	add t1, t1, t3
	addi t2, t2, -1
	j 1b
2:	wfi
	j 2b

	/* HSM's hart_start comes here; a1 is the hart's block. */
	.globl start_other
start_other:
	csrw sie, zero
	li t0, CPU_STACK_MAIN_ASM
	add sp, a1, t0
	LOAD t1, 0(a1)
	csrw satp, t1
	sfence.vma
	jal hart_prepare
	li s0, 0
	li ra, 0
	j start_other_cpu

hart_prepare:
	lla t0, vectors
	csrw stvec, t0
	csrw sscratch, zero
	li t0, SSTATUS_SUM
	csrs sstatus, t0
	ret

	.data
	.balign 4
start_taken:
	.4byte 0

	.section .note.GNU-stack, "", @progbits
