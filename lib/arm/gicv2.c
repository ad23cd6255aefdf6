/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2: everything is a register in memory, and CPUs are bits of a byte. */
#include <asm/cpu.h>
#include <gic_version.h>
#include <smp.h>

#define MAX_CPUS	8

static struct io *cpu_interface;
static u8 masks[MAX_CPUS];	/* by the harness's index */

struct io *gic_cpu_interface(void)
{
	return cpu_interface;
}

static void enable_distributor(void)
{
	struct io *d = gic_distributor();

	cpu_interface = gic_region(1, NULL);
	gic_distributor_reset();
	io_write32(d, GICD_CTLR, GICD_CTLR_ENABLE);
}

static void enable(struct gic_cpu *cpu)
{
	struct io *d = gic_distributor();
	unsigned int lines = GICD_TYPER_LINES(io_read32(d, GICD_TYPER));

	if (!cpu_interface)
		enable_distributor();
	/* Targets of private interrupts read as this CPU's bit (4.3.12). */
	cpu->mask = io_read8(d, GICD_ITARGETSR);
	if (!cpu->mask)
		cpu->mask = 1;	/* a single CPU's are RAZ/WI */
	masks[cpu_index() % MAX_CPUS] = cpu->mask;
	for (unsigned int intid = GIC_SPI(0); !cpu_index() && intid < lines; intid++)
		io_write8(d, GICD_ITARGETSR + intid, cpu->mask);
	gic_private_reset(d);
	io_write32(cpu_interface, GICC_PMR, GIC_PRIORITY_MASK);
	io_write32(cpu_interface, GICC_CTLR, GICD_CTLR_ENABLE);
}

static u32 acknowledge(void)
{
	return io_read32(cpu_interface, GICC_IAR);
}

static void eoi(u32 iar)
{
	io_write32(cpu_interface, GICC_EOIR, iar);
}

static void wait(unsigned int intid)
{
	/* Reading it back makes the write complete. */
	io_read32(gic_distributor(), GICD_ISENABLER + intid / 32 * 4);
}

static u8 set_mask(u8 mask)
{
	u8 old = io_read32(cpu_interface, GICC_PMR);

	io_write32(cpu_interface, GICC_PMR, mask);
	return old;
}

static u8 running_priority(void)
{
	return io_read32(cpu_interface, GICC_RPR);
}

static void split_eoi(bool split)
{
	io_write32(cpu_interface, GICC_CTLR,
		  GICD_CTLR_ENABLE | (split ? GICC_CTLR_EOIMODE : 0));
}

static void deactivate(unsigned int intid)
{
	/* Of an SGI, who sent it belongs to it. */
	io_write32(cpu_interface, GICC_DIR, intid < GIC_SGIS ?
		  GICC_FROM(cpu_self()->gic.iar) | intid : intid);
}

static void sgi_list(const unsigned int *cpus, unsigned int count, unsigned int sgi)
{
	u32 targets = 0;

	for (unsigned int i = 0; i < count; i++) {
		if (cpus[i] >= MAX_CPUS || !masks[cpus[i]])
			panic("CPU %u has no GICv2 interface, or has not enabled it",
			      cpus[i]);
		targets |= masks[cpus[i]];
	}
	dsb();		/* what the handler will read is there */
	io_write32(gic_distributor(), GICD_SGIR, targets << 16 | sgi);
}

static void sgi_others(unsigned int sgi)
{
	dsb();
	io_write32(gic_distributor(), GICD_SGIR, GICD_SGIR_OTHERS | sgi);
}

const struct gic_kind gic_v2 = {
	.version = 2, .intid_mask = 0x3ff, .enable = enable,
	.acknowledge = acknowledge, .eoi = eoi, .private_block = gic_distributor,
	.wait = wait, .set_mask = set_mask, .running_priority = running_priority,
	.split_eoi = split_eoi, .deactivate = deactivate,
	.sgi_list = sgi_list, .sgi_others = sgi_others,
};
