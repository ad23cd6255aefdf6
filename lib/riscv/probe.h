/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions with every register known, for tests of what a handler sees. */
#ifndef PROBE_H
#define PROBE_H

#include <asm/frame.h>

struct probe {
	unsigned long gpr[GPR_COUNT];	/* as loaded before the exception; not x0 and sp */
	unsigned long sp;		/* set by the probe */
};

/*
 * Each loads @probe's registers and then raises an exception.  A handler sets the
 * frame's pc to probe_end, and the probe returns.  They run in user mode as well, where
 * these addresses are user_address()'s.
 *
 * probe_undefined() - two bytes of zeros
 * probe_ecall(), probe_ebreak() - what their names say
 * probe_jump() - to the address in a0
 */
void probe_undefined(void *probe);
void probe_ecall(void *probe);
void probe_ebreak(void *probe);
void probe_jump(void *probe);

/**
 * probe_sbi() - an SBI call with all registers as in @before, and what they are @after
 *
 * x0 and sp have no place in either.
 */
void probe_sbi(const struct probe *before, struct probe *after);

/* Addresses of the first three instructions, and where it goes on. */
extern char probe_undefined_insn[], probe_ecall_insn[], probe_ebreak_insn[], probe_end[];

#endif
