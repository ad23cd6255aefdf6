/* SPDX-License-Identifier: BSD-2-Clause */
/* Control registers (SA22-7832, "Control Registers"), by their bits' weights. */
#ifndef DEFS_CR_H
#define DEFS_CR_H

#define CR0_TX			0x0080000000000000	/* transactional execution */
#define CR0_CLOCK_SIGN		0x0020000000000000
#define CR0_SSM_SUPPRESSION	0x40000000
#define CR0_LOW_PROTECTION	0x10000000	/* stores to 0-511 and 4096-4607 */
#define CR0_KEY_CONTROL		0x08000000	/* extraction authority */
#define CR0_FETCH_OVERRIDE	0x02000000	/* fetch protection not below 2048 */
#define CR0_STORAGE_OVERRIDE	0x01000000	/* of key 9 by all keys */
#define CR0_EDAT		0x00800000
#define CR0_IEP			0x00100000	/* instruction-execution protection */
#define CR0_AFP			0x00040000	/* FPRs other than 0, 2, 4, 6 */
#define CR0_VECTOR		0x00020000
/* External interruptions' subclasses. */
#define CR0_MALFUNCTION		0x8000
#define CR0_EMERGENCY		0x4000
#define CR0_EXTERNAL_CALL	0x2000
#define CR0_CLOCK_COMPARATOR	0x0800
#define CR0_CPU_TIMER		0x0400
#define CR0_SERVICE		0x0200
#define CR0_SUBCLASSES		0xfe70

#define CR2_GUARDED_STORAGE	0x10

#define CR14_CHANNEL_REPORT	0x10000000

/* As an initial CPU reset leaves them. */
#define CR0_RESET		0xe0
#define CR14_RESET		0xc2000000

#endif
