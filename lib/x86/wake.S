/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot CPU again in real mode, at RESUME_PAGE by whatever CS:IP; ap.S does the
 * same for CPUs that have not run before.
 */
#include <asm/start.h>
#include <defs/segment.h>

	.data
	.globl resume_begin, resume_end, resume_root
	.code16
resume_begin:
	cli
	lgdtl %cs:resume_gdt_pointer - resume_begin
	mov %cr0, %eax
	and $~(CR0_CD | CR0_NW), %eax
	or $CR0_PE, %eax
	mov %eax, %cr0
	ljmpl $SEL_KERNEL_CS32, $resume_protected
	.balign 4
resume_gdt_pointer:
	.word SEL_LIMIT
	.long gdt_template
resume_end:

	/* Not in .data: QEMU loads that anew when the machine wakes up. */
	.bss
	.balign 4
resume_root:
	.space 4

	.text
	.code32
resume_protected:
	mov $SEL_KERNEL_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	paging_on resume_root
	/* The main stack has frames that are still wanted. */
	mov $cpu0 + CPU_STACK_TRAP_ASM, %esp
	ljmp $SEL_KERNEL_CS, $1f
#ifdef __x86_64__
	.code64
#endif
1:	xor %ebp, %ebp
	call resume_main
	.section .note.GNU-stack, "", @progbits
