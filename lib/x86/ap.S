/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a started CPU begins (SDM 3A, "MP Initialization"): real mode, CS:IP =
 * vector << 8 : 0.  Copied to ap_begin's page; only data relative to CS is used
 * until protected mode.
 */
#include <asm/start.h>
#include <defs/segment.h>

	.data
	.globl ap_begin, ap_end, ap_root
	.code16
ap_begin:
	cli
	lgdtl %cs:ap_gdt_pointer - ap_begin
	mov %cr0, %eax
	and $~(CR0_CD | CR0_NW), %eax
	or $CR0_PE, %eax
	mov %eax, %cr0
	ljmpl $SEL_KERNEL_CS32, $ap_protected
	.balign 4
ap_gdt_pointer:
	.word SEL_LIMIT
	.long gdt_template
ap_end:

	.text
	.code32
ap_protected:
	mov $SEL_KERNEL_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	paging_on ap_root
	/* CPUs come in any order: each draws a number, and has its block by it. */
	mov $1, %eax
	lock xadd %eax, ap_next
	mov ap_blocks, %esp
	shl $15, %eax
	lea CPU_STACK_MAIN_ASM(%esp, %eax), %esp
	ljmp $SEL_KERNEL_CS, $1f
#ifdef __x86_64__
	.code64
#endif
1:	xor %ebp, %ebp
	call ap_main
	.section .note.GNU-stack, "", @progbits
