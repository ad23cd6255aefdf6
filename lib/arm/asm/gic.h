/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU remembers of its interrupt controller. */
#ifndef ASM_GIC_H
#define ASM_GIC_H

#include <base.h>

struct gic_cpu {
	bool enabled;
	u8 mask;			/* GICv2: this CPU in target lists */
	volatile u8 *redistributor;	/* GICv3: RD_base */
};

#endif
