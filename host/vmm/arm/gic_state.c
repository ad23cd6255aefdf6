/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt controller's registers, as KVM gives and takes them (KVM's documents
 * virt/kvm/devices/arm-vgic*.rst), in the order in which they are put:
 *
 *	tables of LPIs before what enables these;
 *	of what is set bit by bit, all is cleared first;
 *	an ITS's queue and tables before the ITS is enabled.
 *
 * An ITS's tables lie in guest memory, where KVM writes them when asked to.  Putting
 * reads them there: memory is to be what it was when the state was taken.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "defs/gic.h"
#include "vmm/arm/gic.h"
#include "vmm/arm/platform.h"
#include "vmm/machine.h"

#define SPI_WORDS	(GIC_SPIS / 32)

enum scope { DISTRIBUTOR, CPU, ITS };

/* Registers in a row. */
struct run {
	enum scope scope;
	uint8_t versions;	/* of the GIC: bit 2, bit 3 */
	uint32_t group;		/* KVM_DEV_ARM_VGIC_GRP_* */
	uint32_t first, count, step;
	uint32_t clear;		/* where ones clear what this sets, or 0 */
	uint8_t width;		/* bytes, 4 or 8 */
};

#define BOTH		(1 << 2 | 1 << 3)
#define V2		(1 << 2)
#define V3		(1 << 3)
#define DIST(v, at, n, ...)						\
	{ DISTRIBUTOR, v, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, at, n, 4, .width = 4, ##__VA_ARGS__ }
/* GICv2's per CPU registers are the distributor's, by CPU. */
#define BANKED(at, n, ...)						\
	{ CPU, V2, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, at, n, 4, .width = 4, ##__VA_ARGS__ }
#define GICC(at)							\
	{ CPU, V2, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, at, 1, 4, .width = 4 }
#define REDIST(at, n, ...)						\
	{ CPU, V3, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, at, n, 4, .width = 4, ##__VA_ARGS__ }
#define SGI(at, n, ...)	REDIST(GICR_SGI_BASE + (at), n, ##__VA_ARGS__)
#define ICC(op1, crn, crm, op2)						\
	{ CPU, V3, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,			\
	  3 << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2), 1, 8, .width = 8 }
#define LEVELS(of, first, n)						\
	{ of, V3, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, first, n, 32, .width = 4 }
#define ITS_REGISTER(at, n)						\
	{ ITS, V3, KVM_DEV_ARM_VGIC_GRP_ITS_REGS, at, n, 8, .width = 8 }

static const struct run runs[] = {
	DIST(BOTH, GICD_CTLR, 1),
	DIST(BOTH, GICD_IGROUPR + 4, SPI_WORDS),
	DIST(BOTH, GICD_ISENABLER + 4, SPI_WORDS, .clear = GICD_ICENABLER + 4),
	DIST(BOTH, GICD_IPRIORITYR + 32, GIC_SPIS / 4),
	DIST(BOTH, GICD_ICFGR + 8, GIC_SPIS / 16),
	DIST(V2, GICD_ITARGETSR + 32, GIC_SPIS / 4),
	DIST(V3, GICD_IROUTER + 32 * 8, GIC_SPIS * 2),
	DIST(BOTH, GICD_ISPENDR + 4, SPI_WORDS, .clear = GICD_ICPENDR + 4),
	DIST(BOTH, GICD_ISACTIVER + 4, SPI_WORDS, .clear = GICD_ICACTIVER + 4),
	LEVELS(DISTRIBUTOR, 32, SPI_WORDS),

	BANKED(GICD_IGROUPR, 1),
	BANKED(GICD_ISENABLER, 1, .clear = GICD_ICENABLER),
	BANKED(GICD_IPRIORITYR, 8),
	BANKED(GICD_ICFGR, 2),
	BANKED(GICD_SPENDSGIR, 4, .clear = GICD_CPENDSGIR),
	BANKED(GICD_ISPENDR, 1, .clear = GICD_ICPENDR),
	BANKED(GICD_ISACTIVER, 1, .clear = GICD_ICACTIVER),
	GICC(GICC_CTLR), GICC(GICC_PMR), GICC(GICC_BPR), GICC(0x1c), GICC(0xd0),

	REDIST(GICR_PROPBASER, 2), REDIST(GICR_PENDBASER, 2),
	REDIST(GICR_CTLR, 1), REDIST(GICR_WAKER, 1),
	SGI(GICD_IGROUPR, 1),
	SGI(GICD_ISENABLER, 1, .clear = GICR_SGI_BASE + GICD_ICENABLER),
	SGI(GICD_IPRIORITYR, 8),
	SGI(GICD_ICFGR, 2),
	SGI(GICD_ISPENDR, 1, .clear = GICR_SGI_BASE + GICD_ICPENDR),
	SGI(GICD_ISACTIVER, 1, .clear = GICR_SGI_BASE + GICD_ICACTIVER),
	LEVELS(CPU, 0, 1),
	/* ICC_SRE, CTLR, PMR, BPR0, BPR1, AP0Rn, AP1Rn, IGRPEN0, IGRPEN1 (IHI 0069, 12.2) */
	ICC(0, 12, 12, 5), ICC(0, 12, 12, 4), ICC(0, 4, 6, 0), ICC(0, 12, 8, 3), ICC(0, 12, 12, 3),
	ICC(0, 12, 8, 4), ICC(0, 12, 8, 5), ICC(0, 12, 8, 6), ICC(0, 12, 8, 7),
	ICC(0, 12, 9, 0), ICC(0, 12, 9, 1), ICC(0, 12, 9, 2), ICC(0, 12, 9, 3),
	ICC(0, 12, 12, 6), ICC(0, 12, 12, 7),

	ITS_REGISTER(GITS_CBASER, 1), ITS_REGISTER(GITS_CREADR, 1),
	ITS_REGISTER(GITS_CWRITER, 1), ITS_REGISTER(GITS_BASER(0), GITS_BASERS),
	ITS_REGISTER(GITS_CTLR, 1),
};

#define RUNS	(sizeof(runs) / sizeof(*runs))

struct gic_value {
	uint64_t value;
	uint16_t run;		/* in runs[] */
	uint16_t cpu;
	uint32_t number;	/* of the register in its run */
	uint32_t there, pad;	/* this KVM has it */
};

static unsigned int copies(const struct run *run)
{
	if (!(run->versions >> gic_version() & 1) || (run->scope == ITS && !its_there()))
		return 0;
	return run->scope == CPU ? machine.config->cpus : 1;
}

size_t gic_state_size(void)
{
	size_t count = 0;

	for (size_t r = 0; r < RUNS; r++)
		count += (size_t)copies(&runs[r]) * runs[r].count;
	return count * sizeof(struct gic_value);
}

static int access(const struct gic_value *v, uint32_t offset, unsigned long request, void *value)
{
	const struct run *run = &runs[v->run];
	uint64_t cpu = 0;

	/* GICv2 goes by CPU numbers, GICv3 by affinities. */
	if (run->scope == CPU)
		cpu = gic_version() == 3 ? mpidr_of(&machine.vcpus[v->cpu]) & 0xffffff : v->cpu;
	return gic_attribute(run->scope == ITS ? its_fd() : gic_fd(), request, run->group,
			     cpu << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT | offset, value);
}

static uint32_t offset_of(const struct gic_value *v)
{
	return runs[v->run].first + v->number * runs[v->run].step;
}

static bool its_enabled(void)
{
	uint64_t control = 0;

	return its_there() &&
		!gic_attribute(its_fd(), KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ITS_REGS,
			       GITS_CTLR, &control) && control & GITS_CTLR_ENABLED;
}

static int its_do(uint64_t what)
{
	return gic_attribute(its_fd(), KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL, what, NULL);
}

int gic_state_take(struct vcpu *vcpu, void *to)
{
	struct gic_value *v = to;

	(void)vcpu;
	if (its_enabled() &&
	    (its_do(KVM_DEV_ARM_ITS_SAVE_TABLES) < 0 ||
	     gic_attribute(gic_fd(), KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL,
			   KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL) < 0))
		return -1;
	for (size_t r = 0; r < RUNS; r++)
		for (unsigned int cpu = 0; cpu < copies(&runs[r]); cpu++)
			for (uint32_t n = 0; n < runs[r].count; n++, v++) {
				*v = (struct gic_value){ .run = r, .cpu = cpu, .number = n };
				/* Which of these a KVM has, differs: one that it has not. */
				v->there = !access(v, offset_of(v), KVM_GET_DEVICE_ATTR, &v->value);
			}
	return 0;
}

static int value_put(const struct gic_value *v)
{
	const struct run *run = &runs[v->run];
	uint64_t value = v->value, ones = ~0ull, now = 0;

	if (!v->there)
		return 0;
	/* What is written to some, KVM amends: even what was read there. */
	if (!access(v, offset_of(v), KVM_GET_DEVICE_ATTR, &now) && now == value)
		return 0;
	if (run->clear && access(v, run->clear + v->number * run->step, KVM_SET_DEVICE_ATTR,
				 &ones) < 0)
		return -1;
	if (run->scope == ITS && run->first == GITS_CTLR && value & GITS_CTLR_ENABLED &&
	    its_do(KVM_DEV_ARM_ITS_RESTORE_TABLES) < 0)
		return -1;
	return access(v, offset_of(v), KVM_SET_DEVICE_ATTR, &value);
}

int gic_state_put(struct vcpu *vcpu, const void *from)
{
	const struct gic_value *v = from, *end = v + gic_state_size() / sizeof(*v);

	(void)vcpu;
	if (its_there() && its_do(KVM_DEV_ARM_ITS_CTRL_RESET) < 0)
		return -1;
	for (; v < end; v++)
		if (value_put(v) < 0) {
			fprintf(stderr, "flatbed vm: GIC register %#x of group %u: ",
				offset_of(v), runs[v->run].group);
			return -1;
		}
	return 0;
}

void gic_state_where(const void *part, size_t offset, char *text, size_t size)
{
	const struct gic_value *v = (const struct gic_value *)part + offset / sizeof(*v);

	snprintf(text, size, "register %#x of group %u, CPU %u", offset_of(v),
		 runs[v->run].group, v->cpu);
}
