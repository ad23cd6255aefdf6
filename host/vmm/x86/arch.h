/* SPDX-License-Identifier: BSD-2-Clause */
/* x86's part of vmm/arch.h. */
#ifndef HOST_VMM_X86_ARCH_H
#define HOST_VMM_X86_ARCH_H

#define ARCH_NAME	"x86_64"	/* saved machines carry it */

/* The test device: its page and the ledger, and its registers, which are ports. */
#define HOST_REGION	0xd0000000ull
#define HOST_PORTS	BUS_PORT
#define HOST_PORT	0xf1a0u

#define RAM_LOW_END	0xa0000ull	/* then the VGA hole, never RAM */
#define RAM_ROM		0xc0000ull
#define RAM_BELOW_4G	0xc0000000ull	/* RAM beyond continues at 4 GiB */

#endif
