/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a started CPU finds: each register is stored into its page, by CS, as nothing
 * else is known to be usable; then it halts.  Offsets as in record.h.
 */
	.data
	.globl record_begin, record_end
	.set REC, 0x800
	.code16
record_begin:
	cli
	incl %cs:REC
	movl %eax, %cs:REC + 4
	movl %ecx, %cs:REC + 8
	movl %edx, %cs:REC + 12
	movl %ebx, %cs:REC + 16
	movl %esp, %cs:REC + 20
	movl %ebp, %cs:REC + 24
	movl %esi, %cs:REC + 28
	movl %edi, %cs:REC + 32
	mov %cr0, %eax
	movl %eax, %cs:REC + 36
	mov %cr2, %eax
	movl %eax, %cs:REC + 40
	mov %cr3, %eax
	movl %eax, %cs:REC + 44
	mov %cr4, %eax
	movl %eax, %cs:REC + 48
	mov %dr0, %eax
	movl %eax, %cs:REC + 52
	mov %dr6, %eax
	movl %eax, %cs:REC + 56
	mov %dr7, %eax
	movl %eax, %cs:REC + 60
	mov %es, %cs:REC + 66
	mov %cs, %cs:REC + 68
	mov %ss, %cs:REC + 70
	mov %ds, %cs:REC + 72
	mov %fs, %cs:REC + 74
	mov %gs, %cs:REC + 76
	/* A stack in this page: flags, and where it is. */
	mov %cs, %ax
	mov %ax, %ss
	mov $0xff0, %sp
	pushfl
	popl %eax
	movl %eax, %cs:REC + 80
	call 1f
1:	pop %ax
	sub $1b - record_begin, %ax
	mov %ax, %cs:REC + 78
	movl $1, %cs:REC + 84
2:	hlt
	jmp 2b
record_end:
	.section .note.GNU-stack, "", @progbits
