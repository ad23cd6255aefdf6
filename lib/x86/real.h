/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real mode, for trials of 16-bit code there (SDM 3B, "8086 Emulation"; the ways in and
 * out: SDM 3A, "Mode Switching" and "Switching Out of IA-32e Mode Operation").
 *
 * GS has a limit of 4 GiB all the while ("big real mode").
 */
#ifndef REAL_H
#define REAL_H

#include <asm/word.h>

/* Physical addresses in free RAM; real mode's segments begin at 0. */
#define REAL_PAGE	0x8000		/* the way in and out, and struct real_state */
#define REAL_IVT	0x8800
#define REAL_STATE	0x8c00
#define REAL_STACK	0x9000		/* its own, downwards */
#define REAL_CODE	0x6000		/* a page for code */

#define REAL_STUB	16		/* bytes of the way in of one vector */
#define REAL_STUBS	33		/* exceptions, and one for all others: 32 */

/* Offsets in struct real_state */
#define REAL_GPR	0
#define REAL_FLAGS	32
#define REAL_IP		36
#define REAL_CS		38
#define REAL_VECTOR	40
#define REAL_DS		42
#define REAL_ES		44
#define REAL_FS		46
#define REAL_GS		48
#define REAL_SS		50

#ifndef __ASSEMBLER__
#include <base.h>

struct real_state {
	u32 gpr[8];		/* ESP is gpr[4] */
	u32 flags;
	u16 ip, cs;
	u16 vector;		/* that ended it */
	u16 ds, es, fs, gs, ss;
};
_Static_assert(offsetof(struct real_state, ss) == REAL_SS, "real_enter.S");

/**
 * real_run() - run code in real mode from *@state to its first exception, into *@state
 *
 * All segment registers are 0 at first; CS:IP, SS:SP and the flags at the end are those
 * of before the exception, which went through an interrupt table of this function's own.
 * CPL 0 of the boot CPU, with interrupts off; paging and all else is as before after it.
 */
void real_run(struct real_state *state);
#endif

#endif
