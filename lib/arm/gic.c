/* SPDX-License-Identifier: BSD-2-Clause */
/* What GICv2 and GICv3 have in common, and which of them it is. */
#include <asm/cpu.h>
#include <boot.h>
#include <fdt.h>
#include <gic.h>
#include <gic_version.h>
#include <paging.h>
#include <smp.h>
#include <test.h>

static const struct gic_kind *kind;
static struct io *distributor;
static int found_node;

static const struct {
	const char *compatible;
	const struct gic_kind *kind;
} kinds[] = {
	{ "arm,cortex-a15-gic", &gic_v2 }, { "arm,gic-400", &gic_v2 },
	{ "arm,gic-v3", &gic_v3 },
};

static bool gic_find(void)
{
	/* Any CPU may be the first to ask: what is found is told last. */
	if (kind)
		return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds) && !kind; i++) {
		int node = fdt_compatible(boot_info.fdt, FDT_NONE,
					  kinds[i].compatible);

		if (node == FDT_NONE)
			continue;
		found_node = node;
		__atomic_store_n(&kind, kinds[i].kind, __ATOMIC_RELEASE);
	}
	return kind;
}

struct io *gic_region(unsigned int n, u64 *size)
{
	u64 base, bytes;

	if (!gic_find() || !fdt_reg(boot_info.fdt, found_node, n, &base, &bytes))
		return NULL;
	if (size)
		*size = bytes;
	return io_map(base, bytes);
}

unsigned int gic_version(void)
{
	return gic_find() ? kind->version : 0;
}

struct io *gic_distributor(void)
{
	if (!gic_find())
		panic("the device tree has no GIC");
	if (!distributor)
		distributor = gic_region(0, NULL);
	return distributor;
}

static struct spinlock one_at_a_time;

struct enable_scope {
	struct scope scope;
};

static void enable_leave(struct scope *scope)
{
	(void)scope;
	spin_unlock(&one_at_a_time);
}

static void enable_enter(struct enable_scope *s)
{
	spin_lock(&one_at_a_time);
	scope_enter(&s->scope, enable_leave);
}

void gic_enable(void)
{
	struct gic_cpu *cpu = &cpu_self()->gic;

	if (cpu->enabled)
		return;
	/* A scope, as what is done may fault. */
	SCOPE(enable_scope, enable_enter) {
		gic_distributor();
		kind->enable(cpu);
		cpu->enabled = true;
	}
}

void gic_distributor_reset(void)
{
	struct io *d = gic_distributor();
	unsigned int lines = GICD_TYPER_LINES(io_read32(d, GICD_TYPER));

	for (unsigned int intid = GIC_SPI(0); intid < lines && intid < 1020; intid++) {
		if (intid % 32 == 0) {
			io_write32(d, GICD_ICENABLER + intid / 8, ~0u);
			io_write32(d, GICD_ICPENDR + intid / 8, ~0u);
			io_write32(d, GICD_ICACTIVER + intid / 8, ~0u);
		}
		if (intid % 4 == 0)
			io_write32(d, GICD_IPRIORITYR + intid, GIC_PRIORITY * 0x01010101u);
	}
}

void gic_private_reset(struct io *block)
{
	io_write32(block, GICD_ICENABLER, 0xffff0000);
	io_write32(block, GICD_ICACTIVER, ~0u);
	io_write32(block, GICD_ISENABLER, 0x0000ffff);
	for (unsigned int intid = 0; intid < GIC_SPI(0); intid += 4)
		io_write32(block, GICD_IPRIORITYR + intid, GIC_PRIORITY * 0x01010101u);
}

u32 gic_acknowledge(void)
{
	return kind->acknowledge();
}

u32 gic_intid(u32 iar)
{
	return iar & kind->intid_mask;
}

void gic_eoi(u32 iar)
{
	kind->eoi(iar);
}

/* The block with an interrupt's bits: SGIs and PPIs are private to a CPU. */
static struct io *block_of(unsigned int intid)
{
	gic_enable();
	return intid < GIC_SPI(0) ? kind->private_block() : distributor;
}

static bool bit_get(unsigned int intid, u32 reg)
{
	return io_read32(block_of(intid), reg + intid / 32 * 4) >> intid % 32 & 1;
}

static void bit_write(unsigned int intid, u32 reg)
{
	io_write32(block_of(intid), reg + intid / 32 * 4, 1u << intid % 32);
}

void gic_line_enable(unsigned int intid)
{
	bit_write(intid, GICD_ISENABLER);
}

void gic_line_disable(unsigned int intid)
{
	bit_write(intid, GICD_ICENABLER);
	kind->wait(intid);
}

bool gic_line_is_pending(unsigned int intid)
{
	return bit_get(intid, GICD_ISPENDR);
}

bool gic_line_is_active(unsigned int intid)
{
	return bit_get(intid, GICD_ISACTIVER);
}

bool gic_line_is_enabled(unsigned int intid)
{
	return bit_get(intid, GICD_ISENABLER);
}

void gic_line_set_pending(unsigned int intid)
{
	bit_write(intid, GICD_ISPENDR);
}

void gic_line_clear_pending(unsigned int intid)
{
	bit_write(intid, GICD_ICPENDR);
}

void gic_line_clear_active(unsigned int intid)
{
	bit_write(intid, GICD_ICACTIVER);
}

void gic_line_set_priority(unsigned int intid, u8 priority)
{
	io_write8(block_of(intid), GICD_IPRIORITYR + intid, priority);
}

u8 gic_line_priority(unsigned int intid)
{
	return io_read8(block_of(intid), GICD_IPRIORITYR + intid);
}

u8 gic_set_mask(u8 mask)
{
	gic_enable();
	return kind->set_mask(mask);
}

u8 gic_running_priority(void)
{
	return kind->running_priority();
}

void gic_split_eoi(bool split)
{
	gic_enable();
	kind->split_eoi(split);
}

void gic_deactivate(unsigned int intid)
{
	kind->deactivate(intid);
}

void gic_sgi(unsigned int cpu, unsigned int sgi)
{
	gic_sgi_list(&cpu, 1, sgi);
}

void gic_sgi_list(const unsigned int *cpus, unsigned int count, unsigned int sgi)
{
	gic_enable();
	kind->sgi_list(cpus, count, sgi);
}

void gic_sgi_others(unsigned int sgi)
{
	gic_enable();
	kind->sgi_others(sgi);
}
