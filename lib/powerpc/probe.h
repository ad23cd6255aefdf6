/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts at known instructions, with all registers known. */
#ifndef PROBE_H
#define PROBE_H

#include <asm/frame.h>

struct probe {
	u64 gpr[GPR_COUNT];	/* r1 is set by the probe, and the kernel's */
	u64 cr, xer, ctr, lr;
};

/**
 * probe_illegal(), probe_sc() - load all registers from a struct probe, and execute an
 *	illegal instruction, or sc
 *
 * A handler of the interrupt sets the frame's pc to probe_end, from where it returns.
 */
void probe_illegal(void *probe);
void probe_sc(void *probe);
extern char probe_illegal_insn[], probe_sc_insn[], probe_end[];

#endif
