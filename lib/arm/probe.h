/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions with every register known, for tests of what a handler sees. */
#ifndef PROBE_H
#define PROBE_H

#include <asm/frame.h>

struct probe {
	unsigned long gpr[PROBE_REGISTERS];	/* as loaded, before the exception */
	unsigned long sp;			/* set by the probe */
};

/*
 * Each loads @probe's registers and then raises an exception.  A handler sets the
 * frame's pc to probe_end, and the probe returns.  They run in user mode as well.
 *
 * probe_undefined() - an instruction that is undefined everywhere
 * probe_svc() - SVC with the immediate 123
 * probe_branch() - a branch to the address in register 0
 */
void probe_undefined(void *probe);
void probe_svc(void *probe);
void probe_branch(void *probe);

/* Addresses of those two instructions, and where it goes on. */
extern char probe_undefined_insn[], probe_svc_insn[], probe_end[];

#endif
