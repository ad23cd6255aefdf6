/* SPDX-License-Identifier: BSD-2-Clause */
/* Into real mode and back: real.c.  What runs there is copied to REAL_PAGE. */
#include <asm/start.h>
#include <defs/segment.h>
#include <real.h>

/* Where a label of the copy is, and fields of the state, all below 64 KiB. */
#define AT(label)	(label - real_begin + REAL_PAGE)
#define FIELD(name)	%cs:REAL_STATE + name

	.text
	/* void real_enter(void) */
	.globl real_enter
#ifdef __x86_64__
real_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, real_kernel_sp
	sidt real_idtr
	mov %cr0, %rax
	mov %eax, real_cr0
	mov %cr4, %rax
	mov %eax, real_cr4
	push $SEL_KERNEL_CS32
	push $1f
	lretq
	.code32
1:	mov $SEL_KERNEL_DS, %eax
	mov %eax, %ss
	mov %eax, %ds
	mov %cr0, %eax
	and $~CR0_PG, %eax
	mov %eax, %cr0
	mov $MSR_EFER, %ecx
	rdmsr
	mov %eax, real_efer
	btr $EFER_LME_BIT, %eax
	wrmsr
#else
real_enter:
	push %ebx
	push %ebp
	push %esi
	push %edi
	mov %esp, real_kernel_sp
	sidt real_idtr
	mov %cr0, %eax
	mov %eax, real_cr0
	mov %cr4, %eax
	mov %eax, real_cr4
	and $~CR0_PG, %eax
	mov %cr0, %eax
	and $~CR0_PG, %eax
	mov %eax, %cr0
#endif
	/* Limits of 64 KiB stay behind in real mode; GS keeps its 4 GiB. */
	mov $SEL_KERNEL_DS16, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %ss
	mov $SEL_KERNEL_DS, %eax
	mov %eax, %gs
	ljmp $SEL_KERNEL_CS16, $AT(real_first)

	/* Back in protected mode, with flat segments and the old paging to come. */
real_last:
	mov $SEL_KERNEL_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
#ifdef __x86_64__
	mov real_cr4, %eax
	mov %eax, %cr4
	mov $MSR_EFER, %ecx
	rdmsr
	mov real_efer, %eax
	wrmsr
	mov real_cr0, %eax
	mov %eax, %cr0
	ljmp $SEL_KERNEL_CS, $1f
	.code64
1:	mov real_kernel_sp, %rsp
	lidt real_idtr
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
#else
	mov real_cr4, %eax
	mov %eax, %cr4
	mov real_cr0, %eax
	mov %eax, %cr0
	jmp 1f
1:	mov real_kernel_sp, %esp
	lidt real_idtr
	pop %edi
	pop %esi
	pop %ebp
	pop %ebx
	ret
#endif

	.data
	.globl real_begin, real_end, real_vectors
	.balign 16
	.code16
real_begin:
real_first:
	mov %cr0, %eax
	and $~CR0_PE, %eax
	mov %eax, %cr0
	ljmp $0, $AT(1f)
1:	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %fs
	mov %ax, %ss
	mov $REAL_STACK, %sp
	lidtw AT(real_table)
	movl FIELD(REAL_FLAGS), %eax
	push %eax
	popfl
	movl FIELD(REAL_GPR) + 0, %eax
	movl FIELD(REAL_GPR) + 4, %ecx
	movl FIELD(REAL_GPR) + 8, %edx
	movl FIELD(REAL_GPR) + 12, %ebx
	movl FIELD(REAL_GPR) + 16, %esp
	movl FIELD(REAL_GPR) + 20, %ebp
	movl FIELD(REAL_GPR) + 24, %esi
	movl FIELD(REAL_GPR) + 28, %edi
	ljmpw *FIELD(REAL_IP)

	/* REAL_STUB bytes a vector, and one for those beyond exceptions. */
	.balign REAL_STUB
real_vectors:
	.set vector, 0
	.rept REAL_STUBS
	.balign REAL_STUB
	movb $vector, FIELD(REAL_VECTOR)
	.set vector, vector + 1
	jmp real_leave
	.endr

real_leave:
	movl %eax, FIELD(REAL_GPR) + 0
	movl %ecx, FIELD(REAL_GPR) + 4
	movl %edx, FIELD(REAL_GPR) + 8
	movl %ebx, FIELD(REAL_GPR) + 12
	movl %ebp, FIELD(REAL_GPR) + 20
	movl %esi, FIELD(REAL_GPR) + 24
	movl %edi, FIELD(REAL_GPR) + 28
	mov %ds, FIELD(REAL_DS)
	mov %es, FIELD(REAL_ES)
	mov %fs, FIELD(REAL_FS)
	mov %gs, FIELD(REAL_GS)
	mov %ss, FIELD(REAL_SS)
	/* The exception's frame: IP, CS, FLAGS; of EFLAGS the rest is as it is. */
	popw FIELD(REAL_IP)
	popw FIELD(REAL_CS)
	pushfl
	popl FIELD(REAL_FLAGS)
	popw FIELD(REAL_FLAGS)
	movl %esp, FIELD(REAL_GPR) + 16
	cld
	mov %cr0, %eax
	or $CR0_PE, %eax
	mov %eax, %cr0
	ljmpl $SEL_KERNEL_CS32, $real_last

	.balign 4
	/* The interrupt table, which real_run() has made. */
real_table:
	.word 0x3ff
	.long REAL_IVT
real_end:

	.balign 8
real_idtr:
	.fill 10, 1, 0
	.balign 8
real_kernel_sp:
	.quad 0
real_cr0:
	.long 0
real_cr4:
	.long 0
real_efer:
	.long 0

	.section .note.GNU-stack, "", @progbits
