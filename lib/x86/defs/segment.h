/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The harness's own selectors, in the order that SYSCALL and SYSRET want
 * (SDM 3A, "Fast System Calls in 64-Bit Mode"): SYSRET takes SS from base + 8
 * and a 64-bit CS from base + 16.
 */
#ifndef DEFS_SEGMENT_H
#define DEFS_SEGMENT_H

#define SEL_KERNEL_CS	0x08	/* of the image's word size */
#define SEL_KERNEL_DS	0x10
#define SEL_USER_CS32	0x1b
#define SEL_USER_DS	0x23
#define SEL_USER_CS	0x2b	/* of the image's word size */
#define SEL_KERNEL_CS32	0x30
#define SEL_KERNEL_CS16	0x38
#define SEL_KERNEL_DS16	0x40
#define SEL_TSS		0x48	/* two slots in 64-bit mode */
#define SEL_FREE	0x58	/* for tests: up to SEL_LIMIT */
#define SEL_DF_TSS	0x60	/* 32-bit: #DF arrives through a task gate */
#define SEL_LIMIT	0x7f

#endif
