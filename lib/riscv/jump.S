/* SPDX-License-Identifier: BSD-2-Clause */
/* jump_set() and jump_to() of asm/setjmp.h; ways into user mode and back. */
#include <asm/saved.h>
#include <defs/csr.h>

	.text
	.globl jump_set, jump_to, user_drop, user_enter, user_return, user_done
jump_set:
	saved STORE, a0
	STORE sp, WORD_BYTES(a0)
	li a0, 0
	ret

jump_to:
	saved LOAD, a0
	LOAD sp, WORD_BYTES(a0)
	mv a0, a1
	ret

	/* t0: where to go on in user mode; all but t0 and t1 stays as it is */
user_drop:
	csrw sscratch, sp
	csrw sepc, t0
	lla t0, user_image_offset
	LOAD t0, 0(t0)
	csrr t1, sepc
	add t1, t1, t0
	csrw sepc, t1
	li t0, SSTATUS_SPP | SSTATUS_SPIE
	csrc sstatus, t0
	sret

	/* void user_enter(fn, arg, user stack): comes back at user_done */
user_enter:
	addi sp, sp, -SAVED_SIZE
	saved STORE, sp
	mv a3, sp
	mv sp, a2
	mv t2, a0
	mv a0, a1
	li s0, 0
	lla t0, 1f
	csrw sscratch, a3
	csrw sepc, t0
	lla t0, user_image_offset
	LOAD t0, 0(t0)
	csrr t1, sepc
	add t1, t1, t0
	add t2, t2, t0
	csrw sepc, t1
	li t0, SSTATUS_SPP | SSTATUS_SPIE
	csrc sstatus, t0
	sret
1:	jalr t2
user_done:
	ebreak			/* at a known address: ECALL is left to tests */

	/* a0: where the supervisor's stack was when user_enter() left it */
user_return:
	mv sp, a0
	saved LOAD, sp
	addi sp, sp, SAVED_SIZE
	ret

	.section .note.GNU-stack, "", @progbits
