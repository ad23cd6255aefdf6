/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * touch_run() goes into one of the pieces of code below; whatever exception ends
 * it, or none, comes back to touch_run()'s caller.  touch.c knows the order.
 */
#include <asm/start.h>
#include <defs/segment.h>

/* Words of struct touch_words. */
#define CODE		(0 * WORD_BYTES)
#define ADDRESS		(1 * WORD_BYTES)
#define VALUE		(2 * WORD_BYTES)
#define FLAGS		(3 * WORD_BYTES)
#define USER		(4 * WORD_BYTES)
#define VECTOR		(5 * WORD_BYTES)
#define ERROR		(6 * WORD_BYTES)
#define CR2		(7 * WORD_BYTES)
#define IP		(8 * WORD_BYTES)

#ifdef __x86_64__
#define AX		%rax
#define CX		%rcx
#define DX		%rdx
#define SI		%rsi
#define DI		%rdi
#define SP		%rsp
#define WORD		.quad
#define IRET		iretq
#define AT(label)	label(%rip)	/* it runs at aliases too */
#else
#define AX		%eax
#define CX		%ecx
#define DX		%edx
#define SI		%esi
#define DI		%edi
#define SP		%esp
#define WORD		.long
#define IRET		iret
#define AT(label)	label
#endif
#define TSS_EIP		32
#define TSS_EFLAGS	36
#define TSS_ESP		56
#define TSS_CS		76
#define TSS_SS		80

	.data
	.balign WORD_BYTES
	.globl touch_tss
	.globl touch_state
touch_state:	WORD 0		/* not 0: a touch is under way */
touch_sp:	WORD 0
touch_tss:	WORD 0		/* 32-bit: the task that a task gate leaves */

	.text
	.globl touch_run
touch_run:	/* (struct touch_words *) */
#ifdef __x86_64__
	mov %rdi, %rsi
#else
	push %edi
	push %esi
	mov 12(%esp), %esi
#endif
	mov SI, AT(touch_state)
	mov SP, AT(touch_sp)
	mov CODE(SI), DX
	mov ADDRESS(SI), DI
	mov VALUE(SI), AX
	mov FLAGS(SI), CX
	cmpb $0, USER(SI)
	jne 1f
	push CX
	popf
	call *DX
	mov AT(touch_state), SI
	mov AX, VALUE(SI)
	jmp out
1:
#ifndef __x86_64__
	/* IRET takes those away that user mode may not have. */
	push $SEL_USER_DS
	pop %ds
	push $SEL_USER_DS
	pop %es
#endif
	push $SEL_USER_DS
	push SP			/* a value: user mode has no stack */
	push CX
	push $SEL_USER_CS
	push DX
	IRET

	/* Each exception, with the stack that vectors_common wants. */
	.balign 16
	.globl touch_vectors
touch_vectors:
	.set vector, 0
	.rept 32
	.balign 16
	.if !(VECTOR_ERROR_CODES >> vector & 1)
	push $0
	.endif
	push $vector
	jmp caught
	.set vector, vector + 1
	.endr

caught:
	cmpl $0, AT(touch_state)
	je vectors_common
	mov AT(touch_state), SI
	mov AX, VALUE(SI)
	pop AX
	mov AX, VECTOR(SI)
	pop AX
	mov AX, ERROR(SI)
	pop AX
	mov AX, IP(SI)
	mov %cr2, AX
	mov AX, CR2(SI)
	mov AT(touch_sp), SP
out:
#ifdef __x86_64__
	movq $0, AT(touch_state)
	push $2
	popf
#else
	movl $0, AT(touch_state)
	mov $SEL_KERNEL_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	push $2
	popf
	pop %esi
	pop %edi
#endif
	ret

#ifdef __x86_64__
	/*
	 * (words, CR4, alias): with that CR4, and the stack by its alias too; is
	 * called by its own alias.
	 */
	.globl touch_run_alias
touch_run_alias:
	push %rbx
	push %r12
	mov %rsp, %rbx
	mov %cr4, %r12
	add %rdx, %rsp
	mov %rsi, %cr4
	call touch_run
	mov %r12, %cr4
	mov %rbx, %rsp
	pop %r12
	pop %rbx
	ret
#else
	/* #PF when the stack is not to be had: SP and IP are in the old task. */
	.globl touch_task
touch_task:
	pop %eax
	mov touch_state, %esi
	mov %eax, ERROR(%esi)
	movl $14, VECTOR(%esi)
	mov %cr2, %eax
	mov %eax, CR2(%esi)
	mov touch_tss, %edi
	mov TSS_EIP(%edi), %eax
	mov %eax, IP(%esi)
	/* What it left may have been user mode. */
	movl $out, TSS_EIP(%edi)
	mov touch_sp, %eax
	mov %eax, TSS_ESP(%edi)
	movl $2, TSS_EFLAGS(%edi)
	movl $SEL_KERNEL_CS, TSS_CS(%edi)
	movl $SEL_KERNEL_DS, TSS_SS(%edi)
	iret
	jmp touch_task
#endif

	/*
	 * struct touch_code: where it begins, where its access is, and, at CPL 3,
	 * the UD2 that says that there was no fault.  Each is there natively and
	 * forced, and each of these for CPL 0 and 3.
	 */
	.section .rodata
	.balign WORD_BYTES
	.globl touch_codes
touch_codes:
	.text
.macro load
	mov (DI), %eax
.endm
.macro store
	mov %eax, (DI)
.endm
.macro exchange
	lock xchg %eax, (DI)
.endm
.macro stack_there
	lea WORD_BYTES(DI), DI
	xchg DI, SP
.endm
.macro push_word
	push AX
.endm
.macro stack_back
	xchg DI, SP
.endm
.macro load_segment
	mov %eax, %es
.endm
.macro go_there
	jmp *DI
.endm
.macro forced
	ud2
	.byte 'k', 'v', 'm'
.endm
.macro code before, prefix, insn, after, end
1:	\before
	\prefix
2:	\insn
	\after
3:	\end
	.section .rodata
	WORD 1b, 2b, 3b
	.text
.endm
.macro codes insn, before, after
	code "\before", "", \insn, "\after", ret
	code "\before", "", \insn, "\after", ud2
	code "\before", forced, \insn, "\after", ret
	code "\before", forced, \insn, "\after", ud2
.endm
	codes load
	codes store
	codes exchange
	codes push_word, stack_there, stack_back
	codes load_segment
	codes go_there

	.section .note.GNU-stack, "", @progbits
