/* SPDX-License-Identifier: BSD-2-Clause */
/* What a hart finds where HSM or SUSP leads it, for tests of the firmware. */
#ifndef HART_PROBE_H
#define HART_PROBE_H

#include <asm/setjmp.h>
#include <base.h>

/* hart_entry.S knows the order. */
struct hart_probe {
	unsigned long a0, a1, satp, sstatus;	/* as it was entered */
	unsigned long entered;
	unsigned long leave;		/* the tester sets it: HART_PROBE_… */
	unsigned long sp, own_satp;
	struct jump back;
};
#define HART_PROBE_STOP		1	/* HSM's hart_stop */
#define HART_PROBE_RETURN	2	/* to who called hart_suspend() */

/**
 * hart_entry() - where the firmware is to lead to; its argument is a struct hart_probe
 *
 * Waits until @leave is set.
 */
void hart_entry(void);

/**
 * hart_suspend() - suspend this hart, by HSM or SUSP, and go on as if it returned
 * @extension, @function: which take a type, an address and an argument
 * @probe: filled in if the hart comes back by hart_entry()
 *
 * Returns the error.  SIE is 0 after such a return.
 */
long hart_suspend(unsigned long extension, unsigned long function, unsigned long type,
		  struct hart_probe *probe);

#endif
