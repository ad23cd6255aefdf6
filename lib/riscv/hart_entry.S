/* SPDX-License-Identifier: BSD-2-Clause */
/* hart_probe.h: a hart that the firmware started or resumed, a1 its argument. */
#include <asm/word.h>
#include <defs/csr.h>
#include <defs/sbi.h>

	.text
	.globl hart_entry
hart_entry:
	csrr t0, satp
	csrr t1, sstatus
	csrw sie, zero
	STORE a0, 0(a1)
	STORE a1, WORD_BYTES(a1)
	STORE t0, 2 * WORD_BYTES(a1)
	STORE t1, 3 * WORD_BYTES(a1)
	fence
	li t0, 1
	STORE t0, 4 * WORD_BYTES(a1)
1:	fence
	LOAD t0, 5 * WORD_BYTES(a1)
	beqz t0, 1b
	addi t0, t0, -1			/* HART_PROBE_STOP */
	beqz t0, 2f
	lla t0, vectors
	csrw stvec, t0
	csrw sscratch, zero
	li t0, SSTATUS_SUM
	csrs sstatus, t0
	LOAD t0, 7 * WORD_BYTES(a1)
	csrw satp, t0
	sfence.vma
	LOAD sp, 6 * WORD_BYTES(a1)
	mv a0, a1
	li s0, 0
	li ra, 0
	j hart_resume
2:	li a7, SBI_HSM_EID
	li a6, SBI_HSM_STOP
	ecall
	j .

	.section .note.GNU-stack, "", @progbits
