/* SPDX-License-Identifier: BSD-2-Clause */
/* The PSW's fields (SA22-7832, "Program-Status-Word Format"), by their weights. */
#ifndef DEFS_PSW_H
#define DEFS_PSW_H

#define PSW_PER			0x4000000000000000
#define PSW_DAT			0x0400000000000000
#define PSW_IO			0x0200000000000000
#define PSW_EXT			0x0100000000000000
#define PSW_BIT12		0x0008000000000000	/* must be 0 in 128 bits */
#define PSW_MCK			0x0004000000000000
#define PSW_WAIT		0x0002000000000000
#define PSW_PROBLEM		0x0001000000000000
#define PSW_KEY_SHIFT		52
#define PSW_KEY_MASK		0x00f0000000000000
#define PSW_AS_MASK		0x0000c00000000000	/* 0: primary space */
#define PSW_AS_HOME		0x0000c00000000000
#define PSW_CC_SHIFT		44
#define PSW_EA			0x0000000100000000	/* both: 64-bit addressing */
#define PSW_BA			0x0000000080000000
#define PSW_64			0x0000000180000000

/* A PSW of 64 bits, as at location 0, has 31 address bits; its bit 12 is 1. */
#define PSW_SHORT		0x0008000000000000
#define PSW_SHORT_BA		0x0000000080000000

#endif
