/* SPDX-License-Identifier: BSD-2-Clause */
/* What another CPU finds when it is started (SDM 3A, "MP Initialization"). */
#ifndef RECORD_H
#define RECORD_H

#include <base.h>

#define RECORD_PAGE	0x6000u		/* free RAM on every machine, and the next one */

/* At byte 0x800 of the page; record_entry.S writes it. */
struct record {
	u32 entries;		/* how often it has been entered */
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 cr0, cr2, cr3, cr4, dr0, dr6, dr7;
	u16 pad, es, cs, ss, ds, fs, gs;
	u16 ip;			/* of where it began */
	u32 flags;
	u32 done;
};
_Static_assert(sizeof(struct record) == 88, "record_entry.S");

/**
 * record_prepare() - code that fills in a record, in a page below 1 MiB
 */
volatile struct record *record_prepare(u32 page);

/**
 * cpu_init() - INIT to another CPU: it waits for a STARTUP
 * cpu_startup() - STARTUP, to begin at @page
 * cpu_restart() - both, and it is again one of those that take work
 */
void cpu_init(unsigned int cpu);
void cpu_startup(unsigned int cpu, u32 page);
void cpu_restart(unsigned int cpu);

#endif
