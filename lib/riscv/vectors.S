/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the trap to C and back: builds struct frame (asm/frame.h).  SSCRATCH is 0 in
 * supervisor mode, and where its stack goes on while user mode runs.
 */
#include <asm/frame.h>
#include <defs/csr.h>

	/* A register's place is its number; x2 is the stack pointer. */
	.macro registers insn
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn x\n, \n * WORD_BYTES(sp)
	.endr
	.endm

	.text
	.balign 4
	.globl vectors
vectors:
	csrrw sp, sscratch, sp
	bnez sp, 1f
	csrr sp, sscratch
1:	addi sp, sp, -FRAME_SIZE
	registers STORE
	csrrw t0, sscratch, zero
	STORE t0, 2 * WORD_BYTES(sp)
	csrr t0, sepc
	csrr t1, sstatus
	csrr t2, scause
	csrr t3, stval
	STORE t0, 0(sp)
	STORE t1, 32 * WORD_BYTES(sp)
	STORE t2, 33 * WORD_BYTES(sp)
	STORE t3, 34 * WORD_BYTES(sp)
	li t0, SSTATUS_SUM
	csrs sstatus, t0
	mv a0, sp
	jal vectors_dispatch

	LOAD t0, 0(sp)
	LOAD t1, 32 * WORD_BYTES(sp)
	csrw sepc, t0
	csrw sstatus, t1
	andi t1, t1, SSTATUS_SPP
	bnez t1, 2f
	addi t0, sp, FRAME_SIZE
	csrw sscratch, t0
2:	registers LOAD
	LOAD sp, 2 * WORD_BYTES(sp)
	sret

	.section .note.GNU-stack, "", @progbits
