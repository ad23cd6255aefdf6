/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers that a CPU may have besides: vectors, and guarded storage.  Instructions are
 * given by their codes, as images are compiled for CPUs that do not have them.
 */
#ifndef EXTENDED_H
#define EXTENDED_H

#include <base.h>

#define VECTOR_BYTES	512	/* of all 32 registers */

/**
 * vectors_load(), vectors_store() - all vector registers; CR0_VECTOR must be on
 */
#define VLM_ALL		".long 0xe70f2000\n\t.short 0x0036\n\t"		\
			".long 0xe70f2100\n\t.short 0x0c36\n\t"
#define VSTM_ALL	".long 0xe70f3000\n\t.short 0x003e\n\t"		\
			".long 0xe70f3100\n\t.short 0x0c3e\n\t"

static inline void vectors_load(const u8 *from)
{
	register const u8 *r2 asm("2") = from;

	asm volatile(VLM_ALL : : "a"(r2) : "memory");
}

static inline void vectors_store(u8 *to)
{
	register u8 *r3 asm("3") = to;

	asm volatile(VSTM_ALL : : "a"(r3) : "memory");
}

/* What LOAD GUARDED STORAGE CONTROLS loads (SA22-7832, chapter 4). */
struct gs_controls {
	u64 reserved;
	u64 designation;	/* origin, and the two below */
	u64 sections;		/* bit 0 is the first one's */
	u64 parameter_list;	/* address */
};
#define GS_SHIFT(n)	((u64)(n) << 8)	/* of what LLGFSG loads */
#define GS_SIZE(n)	((u64)(n))	/* 25 to 56: a region of 2^n bytes */

#define LGSC(base)	".insn rxy, 0xe3000000004d, 0, 0(" base ")"
#define STGSC(base)	".insn rxy, 0xe30000000049, 0, 0(" base ")"

static inline void gs_load(const struct gs_controls *from)
{
	asm volatile(LGSC("%0") : : "a"(from) : "memory");
}

static inline void gs_store(struct gs_controls *to)
{
	asm volatile(STGSC("%0") : : "a"(to) : "memory");
}

#endif
