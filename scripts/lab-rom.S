/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bochs' ROM in a lab: reads a kernel from the first disk and enters it; no BIOS runs.
 *
 * The disk begins with a table of 32-bit words, three for each part: its first sector,
 * how many sectors, where in memory. No sectors: the third word is where to go, in
 * protected mode, with the first in EBX. scripts/lab-bochs.sh makes such disks.
 */
#include "runner/bochs_reset.h"

	.equ	SIZE, 4096		/* the ROM is one page, the last below 4 GiB */
	.equ	TABLE, 0x7000
	.equ	STACK, 0x7000
	.equ	AT_ONCE, 128		/* sectors in a command */

	/* The task file of the first ATA channel, and what READ SECTORS takes. */
	.equ	ATA_DATA, 0x1f0
	.equ	ATA_COUNT, 0x1f2
	.equ	ATA_STATUS, 0x1f7
	.equ	ATA_BUSY, 0x80
	.equ	ATA_DATA_READY, 0x08
	.equ	ATA_LBA, 0xe0
	.equ	ATA_READ, 0x20

	.text
	.globl _start
_start:
	reset_enter _start, SIZE, STACK
	xor	%ebx, %ebx
	mov	$1, %ebp
	mov	$TABLE, %edi
	call	read
	mov	$TABLE, %esi
1:	mov	(%esi), %ebx
	mov	4(%esi), %ebp
	mov	8(%esi), %edi
	add	$12, %esi
	test	%ebp, %ebp
	jz	2f
	call	read
	jmp	1b
2:	jmp	*%edi

	/* EBX: first sector, EBP: sectors, EDI: where to. */
read:
	push	%esi
1:	test	%ebp, %ebp
	jz	5f
	mov	$AT_ONCE, %esi
	cmp	%esi, %ebp
	jae	2f
	mov	%ebp, %esi
2:	call	ready
	mov	$ATA_COUNT, %edx
	mov	%esi, %eax
	out	%al, %dx
	mov	%ebx, %eax
	.rept 3				/* the sector's number, from its lowest byte */
	inc	%edx
	out	%al, %dx
	shr	$8, %eax
	.endr
	inc	%edx
	or	$ATA_LBA, %al
	out	%al, %dx
	inc	%edx
	mov	$ATA_READ, %al
	out	%al, %dx
	add	%esi, %ebx
	sub	%esi, %ebp
3:	call	ready
4:	in	%dx, %al
	test	$ATA_DATA_READY, %al
	jz	4b
	mov	$ATA_DATA, %edx
	mov	$256, %ecx
	rep insw
	dec	%esi
	jnz	3b
	jmp	1b
5:	pop	%esi
	ret

ready:
	mov	$ATA_STATUS, %edx
1:	in	%dx, %al
	test	$ATA_BUSY, %al
	jnz	1b
	ret

	reset_vector _start, SIZE
