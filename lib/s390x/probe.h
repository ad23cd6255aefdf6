/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interruptions with known registers: R0 to R14 are @probe's, whose R0 is odd, so that
 * the condition code is 3; R15 is told in the last one.
 */
#ifndef PROBE_H
#define PROBE_H

#include <base.h>

struct probe {
	u64 gpr[16];
};

/* Each raises its interruption at …_insn; a handler goes on at …_end. */
void probe_operation(void *probe);
void probe_svc(void *probe);
extern char probe_operation_insn[], probe_operation_end[];
extern char probe_svc_insn[], probe_svc_end[];

#endif
