/* SPDX-License-Identifier: BSD-2-Clause */
/* From a vector to C and back: builds struct frame (exception.h). */
#include <asm/start.h>

	.text
	.globl vectors_common
#ifdef __x86_64__
vectors_common:
	push %r15
	push %r14
	push %r13
	push %r12
	push %r11
	push %r10
	push %r9
	push %r8
	push %rdi
	push %rsi
	push %rbp
	push %rsp		/* its slot; the frame's own RSP counts */
	push %rbx
	push %rdx
	push %rcx
	push %rax
	cld
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp		/* IST stacks and CPL 3 may come unaligned */
	call vectors_dispatch
	mov %rbx, %rsp
	pop %rax
	pop %rcx
	pop %rdx
	pop %rbx
	add $8, %rsp
	pop %rbp
	pop %rsi
	pop %rdi
	pop %r8
	pop %r9
	pop %r10
	pop %r11
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	add $16, %rsp
	iretq
#else
vectors_common:
	pusha			/* pushes EAX first: reverse of the encoding */
	/* Data segments may be CPL 3's, or a test's. */
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	cld
	/* struct frame wants encoding order: turn the eight words round. */
	mov 0(%esp), %eax
	xchg 28(%esp), %eax
	mov %eax, 0(%esp)
	mov 4(%esp), %eax
	xchg 24(%esp), %eax
	mov %eax, 4(%esp)
	mov 8(%esp), %eax
	xchg 20(%esp), %eax
	mov %eax, 8(%esp)
	mov 12(%esp), %eax
	xchg 16(%esp), %eax
	mov %eax, 12(%esp)
	mov %esp, %ebx
	mov %esp, %eax
	and $-16, %esp
	sub $12, %esp
	push %eax
	call vectors_dispatch
	mov %ebx, %esp
	testb $3, 44(%esp)	/* CS: back to CPL 3? */
	jz 1f
	mov $0x23, %eax
	mov %eax, %ds
	mov %eax, %es
1:	pop %eax
	pop %ecx
	pop %edx
	pop %ebx
	add $4, %esp
	pop %ebp
	pop %esi
	pop %edi
	add $8, %esp
	iret
#endif

	.section .note.GNU-stack, "", @progbits
