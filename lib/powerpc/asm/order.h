/* SPDX-License-Identifier: BSD-2-Clause */
/* Entered in whichever order of bytes: go on in the image's own.  For assembly. */
#ifndef ASM_ORDER_H
#define ASM_ORDER_H

#include <asm/word.h>

#if IS_LITTLE
	.macro big_insn word
	.byte (\word) >> 24 & 0xff, (\word) >> 16 & 0xff, (\word) >> 8 & 0xff, (\word) & 0xff
	.endm

	/*
	 * The first word is "b .+8" to big-endian CPUs, and to others a trap that is
	 * never taken.  Uses r11, r12 and LR.
	 */
	.macro own_order
	tdi 0, 0, 0x48
	b . + 40
	big_insn 0x429f0005		/* bcl 20, 31, .+4 */
	big_insn 0x7d8802a6		/* mflr r12 */
	big_insn 0x398c001c		/* addi r12, r12, 28: behind all this */
	big_insn 0x7d6000a6		/* mfmsr r11 */
	big_insn 0x616b0001		/* ori r11, r11, MSR_LE */
	big_insn 0x7d9a03a6		/* mtsrr0 r12 */
	big_insn 0x7d7b03a6		/* mtsrr1 r11 */
	big_insn 0x4c000024		/* rfid */
	nop
	.endm
#else
	/* QEMU and firmware start CPUs big-endian. */
	.macro own_order
	.endm
#endif

#endif
