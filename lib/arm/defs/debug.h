/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug registers (DDI 0487, D17.3). */
#ifndef DEFS_DEBUG_H
#define DEFS_DEBUG_H

#define MDSCR_SS		(1ull << 0)	/* software step */
#define MDSCR_KDE		(1ull << 13)	/* of the kernel's own level too */
#define MDSCR_MDE		(1ull << 15)	/* breakpoints and watchpoints */

#define PSTATE_SS		(1ull << 21)

/* DBGBCR, DBGWCR: enabled, of EL1 alone */
#define DEBUG_ENABLED		(1ull << 0)
#define DEBUG_EL1		(1ull << 1)
#define BREAKPOINT_WORD		(0xfull << 5)	/* BAS: all of an instruction */
#define WATCHPOINT_LOAD		(1ull << 3)
#define WATCHPOINT_STORE	(2ull << 3)
#define WATCHPOINT_BYTE(n)	(1ull << (5 + (n)))

#endif
