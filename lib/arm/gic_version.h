/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between versions of the GIC: behind gic.h. */
#ifndef GIC_VERSION_H
#define GIC_VERSION_H

#include <asm/block.h>
#include <gic.h>

struct gic_kind {
	unsigned int version;
	u32 intid_mask;				/* in what acknowledge() returns */
	void (*enable)(struct gic_cpu *cpu);	/* the distributor, and this CPU's */
	u32 (*acknowledge)(void);
	void (*eoi)(u32 iar);
	struct io *(*private_block)(void);	/* SGIs' and PPIs' bits and bytes */
	void (*wait)(unsigned int intid);	/* until a write has its effect */
	u8 (*set_mask)(u8 mask);
	u8 (*running_priority)(void);
	void (*split_eoi)(bool split);
	void (*deactivate)(unsigned int intid);
	void (*sgi_list)(const unsigned int *cpus, unsigned int count, unsigned int sgi);
	void (*sgi_others)(unsigned int sgi);
};

extern const struct gic_kind gic_v2, gic_v3;

/**
 * gic_region() - the @n-th range of registers in the tree, mapped, or NULL
 */
struct io *gic_region(unsigned int n, u64 *size);

/**
 * gic_distributor_reset() - SPIs: disabled, inactive, with one priority
 * gic_private_reset() - a CPU's SGIs and PPIs: SGIs enabled, with one priority
 */
void gic_distributor_reset(void);
void gic_private_reset(struct io *block);

#endif
