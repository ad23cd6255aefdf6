/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h: registers from memory, an exception, and back. */
#include <asm/saved.h>

	.text
	.macro load
	addi sp, sp, -SAVED_SIZE
	saved STORE, sp
	STORE sp, 32 * WORD_BYTES(a0)
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 10
	LOAD x\n, \n * WORD_BYTES(a0)
	.endr
	.endm

	.globl probe_undefined, probe_undefined_insn
probe_undefined:
	load
probe_undefined_insn:
	.2byte 0
	j .

	.globl probe_ecall, probe_ecall_insn
probe_ecall:
	load
probe_ecall_insn:
	ecall
	j .

	.globl probe_ebreak, probe_ebreak_insn
probe_ebreak:
	load
	.option push
	.option norvc
probe_ebreak_insn:
	ebreak
	.option pop
	j .

	.globl probe_jump
probe_jump:
	load
	jr a0

	.globl probe_end
probe_end:
	saved LOAD, sp
	addi sp, sp, SAVED_SIZE
	ret

	.globl probe_sbi
probe_sbi:
	addi sp, sp, -SAVED_SIZE
	saved STORE, sp
	STORE a1, WORD_BYTES(sp)
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 10
	LOAD x\n, \n * WORD_BYTES(a0)
	.endr
	ecall
	addi sp, sp, -WORD_BYTES
	STORE t0, 0(sp)
	LOAD t0, 2 * WORD_BYTES(sp)
	.irp n, 1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	STORE x\n, \n * WORD_BYTES(t0)
	.endr
	LOAD t1, 0(sp)
	STORE t1, 5 * WORD_BYTES(t0)
	addi sp, sp, WORD_BYTES
	saved LOAD, sp
	addi sp, sp, SAVED_SIZE
	ret

	.section .note.GNU-stack, "", @progbits
