/* SPDX-License-Identifier: BSD-2-Clause */
/* jump_set() and jump_to() of asm/setjmp.h, user_enter() and user_return(), kernel_enter(). */
#include <asm/start.h>
#include <defs/segment.h>

	.text
	.globl jump_set, jump_to, user_enter, user_return, user_done
	.globl kernel_enter, kernel_trap
#ifdef __x86_64__
jump_set:
	mov %rbx, 0(%rdi)
	mov %rbp, 8(%rdi)
	mov %r12, 16(%rdi)
	mov %r13, 24(%rdi)
	mov %r14, 32(%rdi)
	mov %r15, 40(%rdi)
	lea 8(%rsp), %rax
	mov %rax, 48(%rdi)
	mov (%rsp), %rax
	mov %rax, 56(%rdi)
	xor %eax, %eax
	ret

jump_to:
	mov 0(%rdi), %rbx
	mov 8(%rdi), %rbp
	mov 16(%rdi), %r12
	mov 24(%rdi), %r13
	mov 32(%rdi), %r14
	mov 40(%rdi), %r15
	mov 48(%rdi), %rsp
	mov %esi, %eax
	jmp *56(%rdi)

	/* void user_enter(fn, arg, flags, user stack): comes back at user_done */
user_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, %rax
	and $-0x8000, %rax
	mov %rsp, CPU_KERNEL_SP_ASM(%rax)
	mov $SEL_USER_DS, %eax
	push %rax
	push %rcx
	push %rdx
	mov $SEL_USER_CS, %eax
	push %rax
	lea 1f(%rip), %rax
	push %rax
	iretq
1:	mov %rdi, %rax
	mov %rsi, %rdi
	xor %ebp, %ebp
	call *%rax
user_done:
	ud2			/* not INT n: a software KVM may not emulate it */
user_return:
	mov %rsp, %rax
	dec %rax
	and $-0x8000, %rax
	mov CPU_KERNEL_SP_ASM(%rax), %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

	/* void kernel_enter(fn, arg): harness_call() finds them in the frame */
kernel_enter:
kernel_trap:
	ud2
	ret
#else
jump_set:
	mov 4(%esp), %edx
	mov %ebx, 0(%edx)
	mov %ebp, 4(%edx)
	mov %esi, 8(%edx)
	mov %edi, 12(%edx)
	lea 4(%esp), %eax
	mov %eax, 24(%edx)
	mov (%esp), %eax
	mov %eax, 28(%edx)
	xor %eax, %eax
	ret

jump_to:
	mov 4(%esp), %edx
	mov 8(%esp), %eax
	mov 0(%edx), %ebx
	mov 4(%edx), %ebp
	mov 8(%edx), %esi
	mov 12(%edx), %edi
	mov 24(%edx), %esp
	jmp *28(%edx)

user_enter:
	push %ebx
	push %ebp
	push %esi
	push %edi
	mov %esp, %eax
	and $-0x8000, %eax
	mov %esp, CPU_KERNEL_SP_ASM(%eax)
	mov 20(%esp), %esi
	mov 24(%esp), %edi
	mov 28(%esp), %edx
	mov 32(%esp), %ecx
	mov $SEL_USER_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	push %eax
	push %ecx
	push %edx
	push $SEL_USER_CS
	push $1f
	iret
1:	xor %ebp, %ebp
	push %edi
	call *%esi
user_done:
	ud2
user_return:
	mov %esp, %eax
	dec %eax
	and $-0x8000, %eax
	mov CPU_KERNEL_SP_ASM(%eax), %esp
	mov $SEL_KERNEL_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	pop %edi
	pop %esi
	pop %ebp
	pop %ebx
	ret

kernel_enter:
	mov 4(%esp), %eax
	mov 8(%esp), %edx
kernel_trap:
	ud2
	ret
#endif

	.section .note.GNU-stack, "", @progbits
