/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3: a redistributor a CPU, and a CPU interface of system registers. */
#include <asm/cpu.h>
#include <gic_version.h>
#include <smp.h>
#include <topology.h>

#define MAX_REGIONS	8

/* Aff3 to Aff1 as ICC_SGI1R_EL1 has them, and the group of 16 by Aff0. */
#define SGI1R_AFFINITY(a)						\
	(((a) >> 32 & 0xff) << 48 | ((a) >> 16 & 0xff) << 32 |		\
	 ((a) >> 8 & 0xff) << 16 | ((a) >> 4 & 0xf) << 44)

static bool distributor_enabled;

static void wait_write(struct io *block, u32 reg, u32 pending)
{
	while (io_read32(block, reg) & pending)
		cpu_relax();
}

static void enable_distributor(void)
{
	struct io *d = gic_distributor();
	unsigned int lines = GICD_TYPER_LINES(io_read32(d, GICD_TYPER));
	u64 affinity = cpu_affinity();

	io_write32(d, GICD_CTLR, 0);
	wait_write(d, GICD_CTLR, GICD_CTLR_RWP);
	gic_distributor_reset();
	for (unsigned int intid = GIC_SPI(0); intid < lines; intid += 32)
		io_write32(d, GICD_IGROUPR + intid / 8, ~0u);
	io_write32(d, GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_G1A | GICD_CTLR_G1);
	wait_write(d, GICD_CTLR, GICD_CTLR_RWP);
	for (unsigned int intid = GIC_SPI(0); intid < lines && intid < 1020; intid++) {
		io_write32(d, GICD_IROUTER + 8 * intid, affinity);
		io_write32(d, GICD_IROUTER + 8 * intid + 4, affinity >> 32);
	}
	distributor_enabled = true;
}

/* GICR_TYPER's upper half is Aff3.Aff2.Aff1.Aff0. */
static u32 typer_affinity(u64 affinity)
{
	return (affinity >> 32 & 0xff) << 24 | (affinity & 0xffffff);
}

static struct io *redistributor_find(void)
{
	u32 own = typer_affinity(cpu_affinity());

	for (unsigned int n = 0; n < MAX_REGIONS; n++) {
		u64 size, at = 0;
		struct io *region = gic_region(1 + n, &size);
		u32 low;

		for (; region && at + GICR_FRAME <= size; at += GICR_FRAME) {
			struct io *frame = io_at(region, at);

			low = io_read32(frame, GICR_TYPER);
			if (io_read32(frame, GICR_TYPER + 4) == own)
				return frame;
			/* Virtual LPIs have two more frames. */
			if (low & GICR_TYPER_VLPIS)
				at += GICR_FRAME;
			if (low & GICR_TYPER_LAST)
				break;
		}
	}
	panic("CPU %u has no redistributor", cpu_index());
}

struct io *gic_redistributor(void)
{
	struct gic_cpu *cpu = &cpu_self()->gic;

	if (!cpu->redistributor)
		cpu->redistributor = redistributor_find();
	return cpu->redistributor;
}

static struct io *private_block(void)
{
	return io_at(gic_redistributor(), GICR_SGI_BASE);
}

static void enable(struct gic_cpu *cpu)
{
	struct io *r = gic_redistributor();

	(void)cpu;
	if (!distributor_enabled)
		enable_distributor();
	io_write32(r, GICR_WAKER, io_read32(r, GICR_WAKER) & ~GICR_WAKER_SLEEP);
	wait_write(r, GICR_WAKER, GICR_WAKER_ASLEEP);
	io_write32(r, GICR_SGI_BASE + GICD_IGROUPR, ~0u);
	gic_private_reset(private_block());
	wait_write(r, GICR_CTLR, GICR_CTLR_RWP);

	sysreg_write_s(icc_sre_el1, sysreg_read_s(icc_sre_el1) | ICC_SRE_SRE);
	isb();
	sysreg_write_s(icc_pmr_el1, GIC_PRIORITY_MASK);
	sysreg_write_s(icc_igrpen1_el1, 1);
	isb();
}

static u32 acknowledge(void)
{
	u32 intid = sysreg_read_s(icc_iar1_el1);

	dsb();		/* IHI 0069, 4.1.1: what the source wrote is seen */
	return intid;
}

static void eoi(u32 iar)
{
	sysreg_write_s(icc_eoir1_el1, iar);
	isb();
}

static void wait(unsigned int intid)
{
	if (intid < GIC_SPI(0))
		wait_write(gic_redistributor(), GICR_CTLR, GICR_CTLR_RWP);
	else
		wait_write(gic_distributor(), GICD_CTLR, GICD_CTLR_RWP);
}

static u8 set_mask(u8 mask)
{
	u8 old = sysreg_read_s(icc_pmr_el1);

	sysreg_write_s(icc_pmr_el1, mask);
	isb();
	return old;
}

static u8 running_priority(void)
{
	return sysreg_read_s(icc_rpr_el1);
}

static void split_eoi(bool split)
{
	u64 control = sysreg_read_s(icc_ctlr_el1) & ~(u64)ICC_CTLR_EOIMODE;

	sysreg_write_s(icc_ctlr_el1, control | (split ? ICC_CTLR_EOIMODE : 0));
	isb();
}

static void deactivate(unsigned int intid)
{
	sysreg_write_s(icc_dir_el1, intid);
	isb();
}

static u64 affinity_of(unsigned int index)
{
	struct cpu *cpu = cpu_get(index);

	if (!cpu->gic.enabled)
		panic("CPU %u has not enabled its GIC interface", index);
	return cpu->affinity;
}

static void sgi_list(const unsigned int *cpus, unsigned int count, unsigned int sgi)
{
	u64 command = 0;

	dsb();		/* what the handler will read is there */
	for (unsigned int i = 0; i < count; i++) {
		u64 affinity = affinity_of(cpus[i]);
		u64 group = SGI1R_AFFINITY(affinity) | (u64)sgi << 24;

		if (command && (command & ~0xffffull) != group) {
			sysreg_write_s(icc_sgi1r_el1, command);
			command = 0;
		}
		command |= group | 1ull << (affinity & 0xf);
	}
	sysreg_write_s(icc_sgi1r_el1, command);
	isb();
}

static void sgi_others(unsigned int sgi)
{
	dsb();
	sysreg_write_s(icc_sgi1r_el1, ICC_SGI1R_OTHERS | (u64)sgi << 24);
	isb();
}

const struct gic_kind gic_v3 = {
	.version = 3, .intid_mask = 0xffffff, .enable = enable,
	.acknowledge = acknowledge, .eoi = eoi, .private_block = private_block,
	.wait = wait, .set_mask = set_mask, .running_priority = running_priority,
	.split_eoi = split_eoi, .deactivate = deactivate,
	.sgi_list = sgi_list, .sgi_others = sgi_others,
};
