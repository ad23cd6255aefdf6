/* SPDX-License-Identifier: BSD-2-Clause */
/* Places in the prefix area that assembly uses (SA22-7832, "Assigned Storage Locations"). */
#ifndef DEFS_LOWCORE_H
#define DEFS_LOWCORE_H

#define LOWCORE_SIZE		0x2000
#define LOWCORE_INTERRUPTION	0x80	/* what is stored about interruptions, */
#define LOWCORE_INTERRUPTION_SIZE	0x48
#define LOWCORE_RESTART_OLD	0x120
#define LOWCORE_EXT_OLD		0x130
#define LOWCORE_SVC_OLD		0x140
#define LOWCORE_PGM_OLD		0x150
#define LOWCORE_MCK_OLD		0x160
#define LOWCORE_IO_OLD		0x170
#define LOWCORE_NEW		0x80	/* new PSWs: so far behind the old ones */

/* From 0x200 on they are the program's own. */
#define LOWCORE_SAVE		0x200	/* registers at the begin of an interruption */
#define LOWCORE_PSW		0x280	/* to be loaded next */
#define LOWCORE_KERNEL_SP	0x290	/* while in the problem state */
#define LOWCORE_BLOCK		0x298	/* address of struct cpu */
#define LOWCORE_CR0		0x2a0	/* for a CPU that starts */
#define LOWCORE_CR1		0x2a8
#define LOWCORE_IMAGE		0x300	/* struct abi_image; the boot CPU's only */

#endif
