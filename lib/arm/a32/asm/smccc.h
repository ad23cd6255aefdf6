/* SPDX-License-Identifier: BSD-2-Clause */
/* SMC calling convention, 32-bit callers (DEN 0028, 2.6): R4 to R14 are kept. */
#ifndef ASM_SMCCC_H
#define ASM_SMCCC_H

#include <base.h>

#define DEFINE_SMCCC(insn, extension)					\
static inline long smccc_##insn(u32 function, unsigned long a,		\
				unsigned long b, unsigned long c)	\
{									\
	register unsigned long r0 asm("r0") = function;			\
	register unsigned long r1 asm("r1") = a;			\
	register unsigned long r2 asm("r2") = b;			\
	register unsigned long r3 asm("r3") = c;			\
									\
	asm volatile(".arch_extension " extension "\n" #insn " #0"	\
		     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)		\
		     : : "memory");					\
	return r0;							\
}

DEFINE_SMCCC(hvc, "virt")
DEFINE_SMCCC(smc, "sec")
#undef DEFINE_SMCCC

#endif
