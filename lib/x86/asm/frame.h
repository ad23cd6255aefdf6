/* SPDX-License-Identifier: BSD-2-Clause */
/* Assembly that builds struct frame (exception.h) from a vector, and its way back. */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#include <asm/word.h>

#ifdef __ASSEMBLER__
/* The registers below vector and error; 32-bit: in memory order after it. */
.macro frame_push
#ifdef __x86_64__
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
#else
	pusha			/* pushes EAX first: reverse of the encoding */
	/* Data segments may be CPL 3's, or a test's. */
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
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
#endif
	cld
.endm
#endif

#endif
