/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h: registers from memory, an interruption, and back. */
	.text
	.macro probe name, insn:vararg
	.globl probe_\name, probe_\name\()_insn
probe_\name:
	stmg %r6, %r15, 48(%r15)
	stg %r15, 120(%r2)
	lmg %r0, %r14, 0(%r2)
	tmll %r0, 1			/* condition code 3: probes have that bit */
probe_\name\()_insn:
	\insn
	.globl probe_\name\()_end
probe_\name\()_end:
	lmg %r6, %r15, 48(%r15)
	br %r14
	.endm

	probe operation, .word 0
	probe svc, svc 123

	.section .note.GNU-stack, "", @progbits
