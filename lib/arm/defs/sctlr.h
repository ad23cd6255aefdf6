/* SPDX-License-Identifier: BSD-2-Clause */
/* SCTLR of AArch32 state (DDI 0406, B4.1.130). */
#ifndef DEFS_SCTLR_H
#define DEFS_SCTLR_H

#define SCTLR_OFF_32		0x00c50078	/* RES1 of ARMv7 with virtualization */
#define SCTLR_ON_32		(SCTLR_OFF_32 | 1 << 12 | 1 << 11 | 1 << 2 | 1 << 0)

#endif
