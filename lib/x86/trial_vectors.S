/* SPDX-License-Identifier: BSD-2-Clause */
/* The way into a trial and out of it: trial.c. */
#include <asm/frame.h>
#include <defs/segment.h>
#include <defs/vector.h>

#define TRIAL_VECTORS	32
#ifdef __x86_64__
#define TRIAL_SELECTORS	trial_end + 192
#else
#define TRIAL_SELECTORS	trial_end + 60
#endif

	.text
	.globl trial_enter, trial_vectors

	/* The IDT of trials leads here: 16 bytes a vector. */
	.balign 16
trial_vectors:
	.set vector, 0
	.rept TRIAL_VECTORS
	.balign 16
	.if !(VECTOR_ERROR_CODES >> vector & 1)
	push $0
	.endif
	push $vector
	jmp trial_leave
	.set vector, vector + 1
	.endr

#ifdef __x86_64__
	/* void trial_enter(frame): returns when the trial has ended */
trial_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, trial_kernel_sp
	mov %rdi, %rsp
	jmp vectors_return

trial_leave:
	/* The stack is the frame's own place: nothing is copied. */
	frame_push
	mov %ds, TRIAL_SELECTORS + 0
	mov %es, TRIAL_SELECTORS + 2
	mov %fs, TRIAL_SELECTORS + 4
	mov %gs, TRIAL_SELECTORS + 6
	mov trial_kernel_sp, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
#else
trial_enter:
	push %ebx
	push %ebp
	push %esi
	push %edi
	mov %esp, trial_kernel_sp
	mov 20(%esp), %esp
	jmp vectors_return

trial_leave:
	/* frame_push loads DS and ES: keep them first.  SS is good for writing. */
	mov %ds, %ss:TRIAL_SELECTORS + 0
	mov %es, %ss:TRIAL_SELECTORS + 2
	mov %fs, %ss:TRIAL_SELECTORS + 4
	mov %gs, %ss:TRIAL_SELECTORS + 6
	frame_push
	/* From CPL 0 it lies on the code's stack, which is the code's business. */
	mov %esp, trial_at
	mov %esp, %esi
	mov $trial_end, %edi
	mov $15, %ecx
	rep movsl %ss:(%esi), %es:(%edi)
	mov %ss, TRIAL_SELECTORS + 8
	mov $SEL_KERNEL_DS, %eax
	mov %eax, %ss
	mov trial_kernel_sp, %esp
	pop %edi
	pop %esi
	pop %ebp
	pop %ebx
	ret
#endif

	.section .note.GNU-stack, "", @progbits
