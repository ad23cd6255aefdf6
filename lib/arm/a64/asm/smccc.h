/* SPDX-License-Identifier: BSD-2-Clause */
/* SMC calling convention, 64-bit callers (DEN 0028, 2.6): X4 to X17 may be lost. */
#ifndef ASM_SMCCC_H
#define ASM_SMCCC_H

#include <base.h>

#define DEFINE_SMCCC(insn)						\
static inline long smccc_##insn(u32 function, unsigned long a,		\
				unsigned long b, unsigned long c)	\
{									\
	register unsigned long x0 asm("x0") = function;			\
	register unsigned long x1 asm("x1") = a;			\
	register unsigned long x2 asm("x2") = b;			\
	register unsigned long x3 asm("x3") = c;			\
									\
	asm volatile(#insn " #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) \
		     : : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", \
		     "x12", "x13", "x14", "x15", "x16", "x17", "memory"); \
	/* PSCI's errors are 32 bits wide for 32-bit functions. */	\
	return function >> 30 & 1 ? (long)x0 : (long)(int32_t)x0;	\
}

DEFINE_SMCCC(hvc)
DEFINE_SMCCC(smc)
#undef DEFINE_SMCCC

#endif
