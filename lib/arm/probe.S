/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h: registers from memory, an exception, and back. */
#include <asm/probe.h>

	.text
	.globl probe_undefined, probe_undefined_insn
probe_undefined:
	probe_load
probe_undefined_insn:
	udf #0
	b .

	.globl probe_svc, probe_svc_insn
probe_svc:
	probe_load
probe_svc_insn:
	svc #123
	b .

	.globl probe_branch
probe_branch:
	probe_load
	probe_jump

	.globl probe_end
probe_end:
	probe_return

	.section .note.GNU-stack, "", %progbits
