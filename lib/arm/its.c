/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables and commands of the Interrupt Translation Service. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <boot.h>
#include <clock.h>
#include <fdt.h>
#include <its.h>
#include <memory.h>
#include <paging.h>
#include <smp.h>

#define TABLE_SIZE	0x10000ul	/* and alignment, of each table */
#define QUEUE_SIZE	0x10000u
#define COMMAND_SIZE	32u
#define MAX_CPUS	512
#define ITT_ALIGNMENT	256

static struct io *its;
static u64 *queue;
static u32 written;		/* bytes into the queue */
static struct spinlock tables;
static u8 *properties, *pending[MAX_CPUS];

/* Zeroed and for good: the GIC goes on using it. */
static void *table_new(void)
{
	return memset(pages_alloc_permanent(ALIGN_UP(TABLE_SIZE, PAGE_SIZE) / PAGE_SIZE,
					    TABLE_SIZE), 0, TABLE_SIZE);
}

struct io *its_registers(void)
{
	int node = fdt_compatible(boot_info.fdt, FDT_NONE, "arm,gic-v3-its");
	u64 base, size;

	if (its)
		return its;
	if (!fdt_reg(boot_info.fdt, node, 0, &base, &size))
		panic("the device tree has no ITS");
	return its = io_map(base, size);
}

void its_enable(void)
{
	if (queue)
		return;
	its_registers();
	io_write32(its, GITS_CTLR, 0);
	for (unsigned int n = 0; n < GITS_BASERS; n++) {
		u64 type = GITS_BASER_TYPE(io_read64(its, GITS_BASER(n)));

		if (type != GITS_TYPE_DEVICE && type != GITS_TYPE_COLLECTION)
			continue;
		/* One page of 64 KiB: as many as any test has. */
		io_write64(its, GITS_BASER(n), (uintptr_t)table_new() | GITS_BASER_64K |
			    GITS_BASER_VALID | GIC_CACHED_HIGH);
	}
	queue = table_new();
	io_write64(its, GITS_CBASER, (uintptr_t)queue | GITS_BASER_VALID |
		    GIC_CACHED_HIGH | (QUEUE_SIZE / 4096 - 1));
	io_write64(its, GITS_CWRITER, 0);
	io_write32(its, GITS_CTLR, GITS_CTLR_ENABLED);
}

void lpi_prepare(void)
{
	struct io *redistributor = gic_redistributor();
	unsigned int cpu = cpu_index();

	if (cpu >= MAX_CPUS)
		panic("LPIs of CPU %u", cpu);
	gic_enable();
	if (pending[cpu] || io_read32(redistributor, GICR_CTLR) & GICR_CTLR_LPIS)
		return;
	/* Pages are handed out to one CPU at a time. */
	spin_lock(&tables);
	if (!properties)
		properties = table_new();
	pending[cpu] = table_new();
	spin_unlock(&tables);
	/* Before EnableLPIs: afterwards they may not change (12.11.15). */
	io_write64(redistributor, GICR_PROPBASER,
		    (uintptr_t)properties | GIC_CACHED_LOW | (LPI_ID_BITS - 1));
	/* Without Pending Table Zero: a test may have set bits by then. */
	io_write64(redistributor, GICR_PENDBASER,
		    (uintptr_t)pending[cpu] | GIC_CACHED_LOW);
}

void lpi_enable(void)
{
	struct io *redistributor = gic_redistributor();

	lpi_prepare();
	dsb();
	io_write32(redistributor, GICR_CTLR,
		  io_read32(redistributor, GICR_CTLR) | GICR_CTLR_LPIS);
	dsb();
}

u8 *lpi_pending_table(unsigned int cpu)
{
	return pending[cpu];
}

void lpi_configure(unsigned int intid, u8 config)
{
	properties[intid - LPI_FIRST] = config;
	dsb();
}

u8 lpi_configuration(unsigned int intid)
{
	return properties[intid - LPI_FIRST];
}

/* 5.3: four words in little-endian order; done when CREADR has come there. */
static void command(u64 a, u64 b, u64 c)
{
	u64 *at = queue + written / sizeof(*queue), begin;

	at[0] = a;
	at[1] = b;
	at[2] = c;
	at[3] = 0;
	written = (written + COMMAND_SIZE) % QUEUE_SIZE;
	dsb();
	io_write64(its, GITS_CWRITER, written);
	for (begin = clock_ticks(); io_read64(its, GITS_CREADR) != written;)
		if (clock_ticks() - begin > START_TICKS)
			panic("the ITS does not take command %#x", (u32)a & 0xff);
}

static u64 target_of(unsigned int cpu)
{
	struct io *redistributor = cpu_get(cpu)->gic.redistributor;

	if (!redistributor)
		panic("CPU %u has not enabled its GIC interface", cpu);
	/* 5.3.11: its address, or its number, in bits 50-16 */
	if (io_read64(its, GITS_TYPER) & GITS_TYPER_PTA)
		return (uintptr_t)redistributor;
	return (io_read64(redistributor, GICR_TYPER) >> 8 & 0xffff) << 16;
}

static u16 collection_cpu[16];

static void sync(u16 collection)
{
	command(ITS_SYNC, 0, target_of(collection_cpu[collection % ARRAY_SIZE(collection_cpu)]));
}

static u64 device_of(u32 device, u32 what)
{
	return (u64)device << 32 | what;
}

void its_map_device(u32 device, unsigned int event_bits)
{
	size_t entry = GITS_TYPER_ITT_SIZE(io_read64(its, GITS_TYPER));
	size_t size = ALIGN_UP(entry << event_bits, ITT_ALIGNMENT);
	void *table = pages_alloc_permanent(ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE,
					    PAGE_SIZE);

	memset(table, 0, size);
	command(device_of(device, ITS_MAPD), event_bits - 1,
		GITS_BASER_VALID | (uintptr_t)table);
}

void its_unmap_device(u32 device)
{
	command(device_of(device, ITS_MAPD), 0, 0);
}

void its_map_collection(u16 collection, unsigned int cpu)
{
	collection_cpu[collection % ARRAY_SIZE(collection_cpu)] = cpu;
	command(ITS_MAPC, 0, GITS_BASER_VALID | target_of(cpu) | collection);
	sync(collection);
}

void its_map_event(u32 device, u32 event, u32 intid, u16 collection)
{
	command(device_of(device, ITS_MAPTI), (u64)intid << 32 | event, collection);
}

void its_move_event(u32 device, u32 event, u16 collection)
{
	command(device_of(device, ITS_MOVI), event, collection);
	sync(collection);
}

void its_discard(u32 device, u32 event)
{
	command(device_of(device, ITS_DISCARD), event, 0);
}

void its_int(u32 device, u32 event)
{
	command(device_of(device, ITS_INT), event, 0);
}

void its_clear(u32 device, u32 event)
{
	command(device_of(device, ITS_CLEAR), event, 0);
}

void its_inv(u32 device, u32 event)
{
	command(device_of(device, ITS_INV), event, 0);
}

void its_invall(u16 collection)
{
	command(ITS_INVALL, 0, collection);
	sync(collection);
}
