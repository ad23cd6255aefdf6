/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The doors: multiboot 1 and PVH both enter in 32-bit protected mode with flat
 * segments and paging off.  All tables are built here, at assembly time: labels
 * of this section lie at known distances from IMAGE_BASE.
 */
#include <abi/image.h>
#include <asm/start.h>
#include <defs/page.h>
#include <defs/segment.h>

#define AT(label)	(label - boot + IMAGE_BASE)

	.section .boot, "awx"
	.code32
boot:
	/* Multiboot 0.6.96, 3.1: magic, flags, checksum. */
	.balign 4
	.long 0x1badb002, 0, -0x1badb002

	.balign 16
	.long ABI_IMAGE_MAGIC0, ABI_IMAGE_MAGIC1
	.word ABI_IMAGE_VERSION, WORD_BYTES
	.long ABI_TEST_WORDS_ASM * WORD_BYTES
	.long tests_start, 0, tests_end, 0
	.weak image_arguments
	.long image_arguments, 0, 0, 0

	.globl start
start:
	cld
	mov $cpu0 + CPU_STACK_MAIN_ASM, %esp
	mov %eax, boot_magic		/* multiboot: 0x2badb002 */
	jmp enter
	/* PVH (Xen's x86/HVM start info): EBX as above, EAX means nothing. */
start_pvh:
	cld
	mov $cpu0 + CPU_STACK_MAIN_ASM, %esp
	movl $0x336ec578, boot_magic
enter:
	mov %ebx, boot_pointer
	lgdt AT(gdt_pointer)
	paging_on $AT(page_root)
	ljmp $SEL_KERNEL_CS, $AT(flat)
#ifdef __x86_64__
	.code64
#endif
flat:
	mov $SEL_KERNEL_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %ebp, %ebp			/* the last frame of a stack trace */
	call image_main

	.pushsection .note.pvh, "a", @note
	.balign 4
	.long 4, 4, 18			/* "Xen", XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long start_pvh
	.popsection

	.balign 8
	.globl gdt_template
gdt_template:
	.quad 0
	.quad GDT_KERNEL_CS
	.quad 0x00cf93000000ffff	/* SEL_KERNEL_DS */
	.quad 0x00cffb000000ffff	/* SEL_USER_CS32 */
	.quad 0x00cff3000000ffff	/* SEL_USER_DS */
	.quad GDT_USER_CS
	.quad 0x00cf9b000000ffff	/* SEL_KERNEL_CS32 */
	.quad 0x00009b000000ffff	/* SEL_KERNEL_CS16 */
	.quad 0x000093000000ffff	/* SEL_KERNEL_DS16 */
	.fill (SEL_LIMIT + 1) / 8 - 9, 8, 0
gdt_pointer:
	.word SEL_LIMIT
	.long AT(gdt_template), 0

	/* Each vector: 16 bytes.  Its number is pushed as a signed byte. */
	.org VECTORS_OFFSET
	.globl vectors
vectors:
	.set vector, 0
	.rept 256
	.balign 16
	.if vector >= 32 || !(VECTOR_ERROR_CODES >> (vector & 31) & 1)
	push $0
	.endif
	.byte 0x6a, vector		/* push imm8 */
	jmp vectors_common
	.set vector, vector + 1
	.endr

	.org IDT_OFFSET
	.globl idt
idt:
	.set vector, 0
	.rept 256
	.set entry, IMAGE_BASE + VECTORS_OFFSET + 16 * vector
	.word entry & 0xffff, SEL_KERNEL_CS
#ifdef __x86_64__
	/* IST 1: NMI, 2: #DF, 3: #MC */
	.byte (vector == 2) * -1 + (vector == 8) * -2 + (vector == 18) * -3
	.byte 0x8e
	.word entry >> 16
	.quad 0
#else
	.byte 0, 0x8e
	.word entry >> 16
#endif
	.set vector, vector + 1
	.endr

	.org TABLES_OFFSET
	.globl page_root
page_root:
#ifdef __x86_64__
	.quad AT(page_directories) - 0x1000 + (PTE_P | PTE_W | PTE_U)
	.fill 511, 8, 0
	.set n, 1
	.rept 4
	.quad AT(page_root) + 0x1000 + n * 0x1000 + (PTE_P | PTE_W | PTE_U)
	.set n, n + 1
	.endr
	.fill 508, 8, 0
page_directories:
	.set n, 0
	.rept 2048
	.quad n * 0x200000 + (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_PS)
	.set n, n + 1
	.endr
#else
	.set n, 0
	.rept 1024
	.long n * 0x400000 + (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_PS)
	.set n, n + 1
	.endr
#endif

	.data
	.globl boot_magic, boot_pointer
boot_magic:
	.long 0
boot_pointer:
	.long 0

	.section .note.GNU-stack, "", @progbits
