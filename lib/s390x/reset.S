/* SPDX-License-Identifier: BSD-2-Clause */
/* reset.h: through a reset of the machine, and back to where it was asked for. */
#include <asm/start.h>
#include <defs/lowcore.h>

	.text
	.globl reset_by
reset_by:
	stmg %r6, %r15, 48(%r15)
	larl %r1, saved
	stctg %c0, %c15, 0(%r1)
	stg %r15, 128(%r1)
	larl %r4, reset_restart
	larl %r5, 1f
	stg %r5, 0(%r4)
	lgr %r3, %r2
	lghi %r2, 0
	diag %r2, %r3, 0x308
	/* It returned: that subcode is not there. */
	mvghi 0(%r4), 0
	lghi %r2, 0
	j 2f
	/* From start.S, in real mode and with cleared registers. */
1:	larl %r1, saved
	lctlg %c0, %c15, 0(%r1)
	lg %r15, 128(%r1)
	stosm LOWCORE_PSW, 4
	lghi %r2, 1
2:	lmg %r6, %r15, 48(%r15)
	br %r14

	.bss
	.balign 8
saved:
	.fill 17, 8, 0

	.section .note.GNU-stack, "", @progbits
