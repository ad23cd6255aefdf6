/* SPDX-License-Identifier: BSD-2-Clause */
/* Barriers (DDI 0487, B2.3.12; DDI 0406, A3.8.3), the same in both states. */
#ifndef ASM_BARRIER_H
#define ASM_BARRIER_H

static inline void isb(void)
{
	asm volatile("isb" : : : "memory");
}

/* What was begun is complete, for all observers in the system. */
static inline void dsb(void)
{
	asm volatile("dsb sy" : : : "memory");
}

#endif
