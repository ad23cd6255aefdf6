/* SPDX-License-Identifier: BSD-2-Clause */
/* STORE SYSTEM INFORMATION (SA22-7832, chapter 10). */
#ifndef STSI_H
#define STSI_H

#include <base.h>

/* Offsets in system-information blocks. */
#define STSI_111_MANUFACTURER	32	/* 16 bytes, EBCDIC */
#define STSI_322_COUNT		31	/* of descriptions, 1 to 8 */
#define STSI_322_FIRST		32	/* the innermost virtual machine's */
#define STSI_322_SIZE		64
/* In a description. */
#define STSI_322_CPUS		4	/* total, configured, standby, reserved: u16 */
#define STSI_322_CONFIGURED	6
#define STSI_322_STANDBY	8
#define STSI_322_RESERVED	10
#define STSI_322_NAME		12	/* 8 bytes, EBCDIC */
#define STSI_322_FACTOR		20
#define STSI_322_PROGRAM	24	/* 16 bytes, EBCDIC */
#define STSI_322_ENCODING	43	/* of the extended name: 0 none, 1 EBCDIC, 2 UTF-8 */
#define STSI_322_UUID		48
/* Extended names of all, 256 bytes each, behind the descriptions. */
#define STSI_322_EXTENDED	2048
#define STSI_322_EXTENDED_SIZE	256

/**
 * stsi() - information about a level
 * @block: a page
 *
 * Returns the condition code: 0 if @block has it, 3 if it is not available.
 */
static inline int stsi(void *block, unsigned int level, unsigned int selector1,
		       unsigned int selector2)
{
	register unsigned long r0 asm("0") = (unsigned long)level << 28 | selector1;
	register unsigned long r1 asm("1") = selector2;
	int cc;

	asm volatile("stsi 0(%3); ipm %0; srl %0, 28"
		     : "=&d"(cc), "+d"(r0) : "d"(r1), "a"(block) : "cc", "memory");
	return cc;
}

/**
 * stsi_level() - 1: the machine is ours, 2: a logical partition, 3: a virtual machine
 */
static inline unsigned int stsi_level(void)
{
	register unsigned long r0 asm("0") = 0;
	register unsigned long r1 asm("1") = 0;

	asm volatile("stsi 0(0)" : "+d"(r0) : "d"(r1) : "cc", "memory");
	return r0 >> 28 & 0xf;
}

#endif
