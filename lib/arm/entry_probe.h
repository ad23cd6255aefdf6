/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU finds when it is turned on, for tests of the firmware. */
#ifndef ENTRY_PROBE_H
#define ENTRY_PROBE_H

#include <base.h>

/* Written with translation off: dcache_clean() it before, and before it is read. */
struct entry_probe {
	u64 argument;		/* the first register: this structure's address */
	u64 sctlr;		/* of the level that it came to */
	u64 pstate;		/* masks, level and stack pointer; or CPSR */
	u64 done;
	u64 use_smc;		/* how to turn itself off afterwards */
};

/**
 * entry_probe() - for psci_cpu_on(); fills its argument in and calls CPU_OFF
 */
void entry_probe(void);

#endif
