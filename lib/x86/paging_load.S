/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * void paging_load(cr3, cr4): to another paging mode, through no paging at all
 * (SDM 3A 4.1.2).  64-bit code gets there by compatibility mode; nothing promises
 * to keep the upper halves of registers there, so that all go to the stack.
 */
#include <asm/start.h>
#include <defs/segment.h>

	.text
	.globl paging_load
paging_load:
#ifdef __x86_64__
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	push $SEL_KERNEL_CS32
	lea 1f(%rip), %rax
	push %rax
	lretq
	.code32
1:
#else
	push %edi
	push %esi
	mov 12(%esp), %edi
	mov 16(%esp), %esi
#endif
	mov %cr0, %eax
	and $~CR0_PG, %eax
	mov %eax, %cr0
	mov %edi, %cr3
	mov %esi, %cr4
	or $CR0_PG, %eax
	mov %eax, %cr0
#ifdef __x86_64__
	ljmp $SEL_KERNEL_CS, $1f
	.code64
1:	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
#else
	pop %esi
	pop %edi
#endif
	ret

	.section .note.GNU-stack, "", @progbits
