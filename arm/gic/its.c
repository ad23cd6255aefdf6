/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LPIs through the Interrupt Translation Service: IHI 0069, chapter 5, and 12.18 for
 * its registers.
 */
#include <asm/cpu.h>
#include <clock.h>
#include <errata.h>
#include <exception.h>
#include <its.h>
#include <migrate.h>
#include <smp.h>
#include <test.h>

#define MAX_CPUS	64
#define CONFIG_ON	(GIC_PRIORITY | LPI_ENABLE)
#define CONFIG_OFF	GIC_PRIORITY
#define MS(n)		((u64)clock_khz() * (n))

static void check_read_only(u32 reg)
{
	u32 old = io_read32(its_registers(), reg);

	io_write32(its_registers(), reg, ~old);
	EXPECT_EQ(io_read32(its_registers(), reg), old);
}

TEST(its_introspection, "the ITS says what it can do", DEVICE(DEVICE_ITS))
{
	u64 typer = io_read64(its_registers(), GITS_TYPER);
	bool device = false, collection = false;

	SUBTEST("IIDR is read-only") check_read_only(GITS_IIDR);
	SUBTEST("TYPER is read-only") {
		check_read_only(GITS_TYPER);
		check_read_only(GITS_TYPER + 4);
	}
	SUBTEST("physical LPIs") EXPECT(typer & GITS_TYPER_PHYSICAL);
	METRIC("bits of event", GITS_TYPER_EVENT_BITS(typer), "bits");
	METRIC("bits of device", GITS_TYPER_DEVICE_BITS(typer), "bits");
	for (unsigned int n = 0; n < GITS_BASERS; n++) {
		u64 type = GITS_BASER_TYPE(io_read64(its_registers(), GITS_BASER(n)));

		device |= type == GITS_TYPE_DEVICE;
		collection |= type == GITS_TYPE_COLLECTION;
	}
	SUBTEST("a table for devices") EXPECT(device);
	/* It may keep them itself (GITS_TYPER.HCC) */
	SUBTEST("a table for collections") EXPECT(collection || typer >> 24 & 0xff);
}

/* What came, and to whom. */
static u32 received[MAX_CPUS], last[MAX_CPUS];
static u32 stop;

static void on_lpi(void *arg)
{
	unsigned int cpu = cpu_index() % MAX_CPUS;

	(void)arg;
	last[cpu] = gic_intid(cpu_self()->gic.iar);
	atomic_add(&received[cpu], 1);
}

static void listen(void *arg)
{
	(void)arg;
	irq_enable();
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		cpu_relax();
	irq_disable();
}

static void enable_here(void *arg)
{
	(void)arg;
	lpi_enable();
}

static void listeners_leave(struct scope *scope)
{
	(void)scope;
	irq_disable();
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 1; i < cpu_count(); i++)
		on_cpu_end(i);
}

struct listeners_scope {
	struct scope scope;
};

static void listeners_enter(struct listeners_scope *s)
{
	stop = 0;
	for (unsigned int i = 1; i < cpu_count(); i++)
		on_cpu_begin(i, listen, NULL);
	scope_enter(&s->scope, listeners_leave);
	irq_enable();
}

/* All CPUs take interrupts, and count. */
#define WITH_LISTENERS()	SCOPE(listeners_scope, listeners_enter)

static void forget(void)
{
	memset(received, 0, sizeof(received));
	memset(last, 0, sizeof(last));
}

static u32 received_at(unsigned int cpu)
{
	return __atomic_load_n(&received[cpu], __ATOMIC_ACQUIRE);
}

/* So many at @cpu, the last of them @intid, and none elsewhere. */
static void check_received(unsigned int cpu, u32 count, u32 intid)
{
	u64 begin = clock_ticks();

	while (received_at(cpu) < count && clock_ticks() - begin < MS(5000))
		cpu_relax();
	delay_us(count ? 10000 : 50000);
	EXPECT_EQ(received_at(cpu), count);
	if (count)
		EXPECT_EQ(last[cpu], intid);
	for (unsigned int i = 0; i < cpu_count(); i++)
		if (i != cpu)
			EXPECT_EQ(received_at(i), 0);
	forget();
}

static void check_nothing(void)
{
	check_received(0, 0, 0);
}

/* Two devices, each with an event; collections of CPU 3 and 2. */
static void map_two(void)
{
	for (unsigned int n = 0; n < 64; n++)
		irq_set(LPI_FIRST + n, (struct irq){ on_lpi, NULL, false });
	forget();
	on_cpus(enable_here, NULL);
	its_enable();
	lpi_configure(8195, CONFIG_ON);
	lpi_configure(8196, CONFIG_ON);
	its_map_device(2, 8);
	its_map_device(7, 8);
	its_map_collection(3, 3);
	its_map_collection(2, 2);
	its_invall(2);
	its_invall(3);
	its_map_event(2, 20, 8195, 3);
	its_map_event(7, 255, 8196, 2);
}

TEST(its_trigger, "events become LPIs at the CPU of their collection",
     CPUS(4), DEVICE(DEVICE_ITS))
{
	map_two();
	WITH_LISTENERS() {
		SUBTEST("device 2") {
			its_int(2, 20);
			check_received(3, 1, 8195);
		}
		SUBTEST("device 7") {
			its_int(7, 255);
			check_received(2, 1, 8196);
		}
		SUBTEST("disabled by INV") {
			lpi_configure(8195, CONFIG_OFF);
			its_inv(2, 20);
			its_int(2, 20);
			check_nothing();
		}
		SUBTEST("enabled by INVALL, it was pending") {
			lpi_configure(8195, CONFIG_ON);
			its_invall(3);
			check_received(3, 1, 8195);
			its_int(2, 20);
			check_received(3, 1, 8195);
		}
		SUBTEST("cleared") {
			lpi_configure(8195, CONFIG_OFF);
			its_inv(2, 20);
			its_int(2, 20);
			its_clear(2, 20);
			lpi_configure(8195, CONFIG_ON);
			its_inv(2, 20);
			check_nothing();
		}
		SUBTEST("moved") {
			its_move_event(2, 20, 2);
			its_int(2, 20);
			check_received(2, 1, 8195);
			its_move_event(2, 20, 3);
		}
		SUBTEST("discarded") {
			its_discard(7, 255);
			its_int(7, 255);
			check_nothing();
		}
		SUBTEST("unmapped") {
			its_unmap_device(2);
			its_int(2, 20);
			check_nothing();
		}
	}
}

/* Of a TEST that migrates: it says that it will not, before it is skipped. */
static bool can_migrate(unsigned int cpus)
{
	if (device_present(DEVICE_ITS, NULL) && cpu_count() >= cpus)
		return true;
	migrate_skip();
	if (!device_present(DEVICE_ITS, NULL))
		skip("no GICv3 ITS");
	else
		skip("%u CPUs needed, %u there", cpus, cpu_count());
	return false;
}

TEST(its_migration, "mappings are there after a migration", MIGRATES)
{
	if (!can_migrate(4))
		return;
	map_two();
	migrate_once();
	WITH_LISTENERS() {
		its_int(2, 20);
		check_received(3, 1, 8195);
		its_int(7, 255);
		check_received(2, 1, 8196);
	}
}

static void prepare_here(void *arg)
{
	(void)arg;
	lpi_prepare();
}

#define PENDING		256

TEST(its_pending_migration, "LPIs that are pending are so after a migration", MIGRATES)
{
	unsigned int a = cpu_count() - 2, b = cpu_count() - 1;
	u64 begin;

	if (!can_migrate(2))
		return;
	for (unsigned int n = 0; n < 64; n++)
		irq_set(LPI_FIRST + n, (struct irq){ on_lpi, NULL, false });
	forget();
	on_cpus(prepare_here, NULL);
	its_enable();
	its_map_device(2, 8);
	its_map_collection(a, a);
	its_map_collection(b, b);
	for (unsigned int n = 0; n < PENDING; n++) {
		u32 intid = LPI_FIRST + n;
		unsigned int cpu = n % 2 ? b : a;

		lpi_configure(intid, CONFIG_ON);
		its_map_event(2, n, intid, cpu);
		lpi_pending_table(cpu)[intid / 8] |= 1u << intid % 8;
	}
	on_cpus(enable_here, NULL);
	migrate_once();
	WITH_LISTENERS() {
		begin = clock_ticks();
		while ((received_at(a) < PENDING / 2 || received_at(b) < PENDING / 2) &&
		       clock_ticks() - begin < MS(5000))
			cpu_relax();
		EXPECT_EQ(received_at(a), PENDING / 2);
		EXPECT_EQ(received_at(b), PENDING / 2);
	}
}

TEST(its_migrate_unmapped_collection,
     "an event whose collection is not mapped yet is migrated", MIGRATES)
{
	if (!erratum_fixed("8c58be34494b")) {
		migrate_skip();
		return skip("the host's kernel cannot restore such a table: "
			    "ERRATA_8c58be34494b=y enables this");
	}
	if (!can_migrate(1))
		return;
	irq_set(LPI_FIRST, (struct irq){ on_lpi, NULL, false });
	forget();
	on_cpus(enable_here, NULL);
	its_enable();
	lpi_configure(LPI_FIRST, CONFIG_ON);
	its_map_device(2, 8);
	its_map_event(2, 0, LPI_FIRST, 0);
	migrate_once();
	its_map_collection(0, 0);
	its_invall(0);
	EXPECT_EQ(lpi_configuration(LPI_FIRST), CONFIG_ON);
	WITH_LISTENERS() {
		its_int(2, 0);
		check_received(0, 1, LPI_FIRST);
	}
}
