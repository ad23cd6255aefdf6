/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loader at the end of Bochs' ROM, and a program that prints CPUID.  Data of
 * the runner: copied into a ROM, never called.
 */
#include "runner/bochs_reset.h"
#include "runner/bochs_rom.h"

	.section .rodata
#if defined(__x86_64__) || defined(__i386__)

#define ORIGIN		(0x100000000 - BOCHS_LOADER_SIZE)
#define AT(label)	(label - bochs_loader + ORIGIN)

	.globl bochs_loader
	.balign 16
bochs_loader:
	.skip BOCHS_CODE
	reset_enter bochs_loader, BOCHS_LOADER_SIZE, BOCHS_STACK
	mov $AT(bochs_loader), %ebx
	mov $AT(bochs_loader) + BOCHS_COUNT, %ebp
	mov (%ebp), %ebp
	jmp 2f
1:	mov (%ebx), %esi
	mov 4(%ebx), %edi
	mov 8(%ebx), %edx
	mov %edx, %ecx			/* words, then the odd bytes */
	shr $2, %ecx
	rep movsl
	mov %edx, %ecx
	and $3, %ecx
	rep movsb
	mov 12(%ebx), %ecx
	sub %edx, %ecx
	mov %ecx, %edx
	xor %eax, %eax
	shr $2, %ecx
	rep stosl
	mov %edx, %ecx
	and $3, %ecx
	rep stosb
	add $BOCHS_ENTRY_SIZE, %ebx
	dec %ebp
2:	test %ebp, %ebp
	jnz 1b
	mov $AT(bochs_loader) + BOCHS_START, %ebx
	mov (%ebx), %ecx
	mov BOCHS_EAX - BOCHS_START(%ebx), %eax
	mov BOCHS_EBX - BOCHS_START(%ebx), %ebx
	jmp *%ecx

	reset_vector bochs_loader, BOCHS_LOADER_SIZE

#define PROBE(label)	(label - bochs_probe + BOCHS_PROBE)

	.globl bochs_probe, bochs_probe_end
	.code32
	.balign 16
bochs_probe:
	mov $PROBE(leaves), %esi
1:	mov (%esi), %eax
	mov 4(%esi), %ecx
	cpuid
	push %edx
	push %ecx
	push %ebx
	push %eax
	mov 4(%esi), %eax
	push %eax
	mov (%esi), %eax
	mov $6, %ebp
	jmp 3f
2:	pop %eax
3:	mov %eax, %ebx			/* eight digits, the highest first */
	mov $8, %ecx
4:	rol $4, %ebx
	mov %ebx, %eax
	and $15, %eax
	mov PROBE(digits)(%eax), %al
	out %al, $0xe9
	loop 4b
	mov $' ', %al
	out %al, $0xe9
	dec %ebp
	jnz 2b
	mov $'\n', %al
	out %al, $0xe9
	add $8, %esi
	cmp $PROBE(leaves_end), %esi
	jne 1b
	mov $PROBE(shutdown), %esi
	mov $0x8900, %dx
	mov $8, %ecx
	rep outsb
5:	hlt
	jmp 5b

digits:
	.ascii "0123456789abcdef"
shutdown:
	.ascii "Shutdown"
	.balign 4
leaves:
	.long 0, 0, 1, 0, 6, 0, 7, 0, 7, 1, 7, 2, 0xd, 0, 0xd, 1
	.long 0x80000001, 0, 0x80000007, 0, 0x80000008, 0, 0x8000000a, 0
leaves_end:
bochs_probe_end:

#else
	/* No loader: bochs_rom_usable() says so. */
	.globl bochs_loader, bochs_probe, bochs_probe_end
bochs_loader:
bochs_probe:
bochs_probe_end:
#endif

	.section .note.GNU-stack, "", %progbits
