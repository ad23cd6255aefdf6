/* SPDX-License-Identifier: BSD-2-Clause */
/* From a vector to C and back: builds struct frame (exception.h). */
#include <asm/frame.h>

	.text
	.globl vectors_common, vectors_return
vectors_common:
	frame_push
#ifdef __x86_64__
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp		/* IST stacks and CPL 3 may come unaligned */
	call vectors_dispatch
	mov %rbx, %rsp
vectors_return:
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
	mov %esp, %ebx
	mov %esp, %eax
	and $-16, %esp
	sub $12, %esp
	push %eax
	call vectors_dispatch
	mov %ebx, %esp
vectors_return:
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
