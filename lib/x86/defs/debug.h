/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug registers (SDM 3B, "Debug Registers"). */
#ifndef DEFS_DEBUG_H
#define DEFS_DEBUG_H

#define DR6_FIXED	0xffff0ff0	/* reads as 1; 11 and 16 are active-low */
#define DR6_B(n)	(1 << (n))
#define DR6_BD		0x2000
#define DR6_BS		0x4000
#define DR6_BT		0x8000

#define DR7_FIXED	0x0400
#define DR7_GD		0x2000
#define DR7_L(n)	(1 << (2 * (n)))	/* enabled for this task */
#define DR7_G(n)	(2 << (2 * (n)))	/* for all */
#define DR7_TYPE(n, t)	((t) << (16 + 4 * (n)))
#define DR7_LENGTH(n, l) ((l) << (18 + 4 * (n)))
#define DR7_EXECUTE	0
#define DR7_WRITE	1
#define DR7_IO		2			/* with CR4.DE */
#define DR7_ACCESS	3
#define DR7_1		0
#define DR7_2		1
#define DR7_4		3
#define DR7_8		2

#endif
