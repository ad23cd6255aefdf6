/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt controller as software sees it, whatever its version: IHI 0048B for
 * GICv2, IHI 0069 for GICv3.  arm/gic/ has what is a version's own, and the ITS.
 */
#include <asm/cpu.h>
#include <clock.h>
#include <exception.h>
#include <gic.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define MAX_CPUS	512
#define SENDER		1	/* a CPU that is not the boot CPU */
#define SGI		1
#define MS(n)		((u64)clock_khz() * (n))

static u32 acknowledged[MAX_CPUS], wrong[MAX_CPUS];
static u32 stop, command;

static void on_sgi(void *arg)
{
	u32 iar = cpu_self()->gic.iar, cpu = cpu_index() % MAX_CPUS;

	(void)arg;
	/* IHI 0048B, 4.4.4: GICv2 tells who sent it. */
	if (gic_intid(iar) != SGI || (gic_version() == 2 &&
	    1u << GICC_IAR_CPU(iar) != cpu_get(SENDER)->gic.mask))
		wrong[cpu]++;
	atomic_add(&acknowledged[cpu], 1);
}

enum { SEND_NOTHING, SEND_SELF, SEND_EVEN, SEND_OTHERS };

static void send(u32 what)
{
	unsigned int cpus[MAX_CPUS], count = 0;

	if (what == SEND_SELF)
		gic_sgi(SENDER, SGI);
	for (unsigned int i = 0; i < cpu_count() && i < MAX_CPUS; i += 2)
		cpus[count++] = i;
	if (what == SEND_EVEN)
		gic_sgi_list(cpus, count, SGI);
	if (what == SEND_OTHERS)
		gic_sgi_others(SGI);
}

static void take_part(void *arg)
{
	(void)arg;
	irq_enable();
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		if (cpu_index() == SENDER &&
		    __atomic_load_n(&command, __ATOMIC_ACQUIRE)) {
			send(command);
			__atomic_store_n(&command, SEND_NOTHING, __ATOMIC_RELEASE);
		}
		cpu_relax();
	}
	irq_disable();
}

static bool is_addressed(u32 what, unsigned int cpu)
{
	return what == SEND_SELF ? cpu == SENDER :
		what == SEND_EVEN ? cpu % 2 == 0 : cpu != SENDER;
}

static bool all_have_it(u32 what)
{
	for (unsigned int i = 0; i < cpu_count(); i++)
		if (is_addressed(what, i) &&
		    !__atomic_load_n(&acknowledged[i], __ATOMIC_ACQUIRE))
			return false;
	return true;
}

/* The boot CPU watches, and is one of those that are addressed. */
static void check_sending(u32 what)
{
	u64 begin = clock_ticks();

	memset(acknowledged, 0, sizeof(acknowledged));
	memset(wrong, 0, sizeof(wrong));
	__atomic_store_n(&command, what, __ATOMIC_RELEASE);
	while (!all_have_it(what) && clock_ticks() - begin < MS(5000))
		cpu_relax();
	/* Time for one that should not come. */
	delay_us(100000);
	for (unsigned int i = 0; i < cpu_count(); i++) {
		check_explained(CHECK_HERE("each CPU that is addressed, once"),
				acknowledged[i] == is_addressed(what, i),
				"CPU %u took %u interrupts", i, acknowledged[i]);
		EXPECT_EQ(wrong[i], 0);
	}
}

static void enable_here(void *arg)
{
	(void)arg;
	gic_enable();
}

TEST(ipi, "SGIs go to the CPUs that they are sent to, once",
     CPUS(2), DEVICE(DEVICE_GIC))
{
	if (cpu_count() > MAX_CPUS)
		return skip("more than %u CPUs", MAX_CPUS);
	on_cpus(enable_here, NULL);
	stop = command = 0;
	WITH_IRQ(SGI, on_sgi, NULL) {
		for (unsigned int i = 1; i < cpu_count(); i++)
			on_cpu_begin(i, take_part, NULL);
		irq_enable();
		SUBTEST("self") check_sending(SEND_SELF);
		SUBTEST("target list") check_sending(SEND_EVEN);
		SUBTEST("broadcast") check_sending(SEND_OTHERS);
		irq_disable();
		__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
		for (unsigned int i = 1; i < cpu_count(); i++)
			on_cpu_end(i);
	}
}

static volatile u32 taken;

static void count(void *arg)
{
	(void)arg;
	taken++;
}

static bool taken_within(u32 times, u32 us)
{
	u64 begin = clock_ticks();

	while (taken < times && clock_ticks() - begin < clock_us_to_ticks(us))
		irq_window();
	return taken >= times;
}

/* With EOI split from deactivation (IHI 0048B, 3.2.1; IHI 0069, 4.8.3). */
static void check_active(void (*deactivate)(unsigned int intid))
{
	taken = 0;
	gic_sgi(cpu_index(), SGI);
	EXPECT(taken_within(1, 1000000));
	EXPECT(gic_line_is_active(SGI));
	/* Pending behind its own active state, it waits. */
	gic_sgi(cpu_index(), SGI);
	EXPECT(!taken_within(2, 10000));
	EXPECT(gic_line_is_pending(SGI));
	deactivate(SGI);
	EXPECT(taken_within(2, 1000000));
	EXPECT(gic_line_is_active(SGI));
	deactivate(SGI);
	EXPECT(!gic_line_is_active(SGI));
	EXPECT(!gic_line_is_pending(SGI));
}

TEST(active, "an active interrupt is taken again once it is not active any more",
     DEVICE(DEVICE_GIC))
{
	WITH_IRQ(SGI, count, NULL) WITH_SPLIT_EOI() {
		SUBTEST("ICACTIVER") check_active(gic_line_clear_active);
		SUBTEST("DIR") check_active(gic_deactivate);
	}
}

static const unsigned int LOW = 2, HIGH = 3;

static void pend(unsigned int intid, u8 priority)
{
	gic_line_set_priority(intid, priority);
	gic_sgi(cpu_index(), intid);
}

/* The number of the interrupt that is signalled now, and is active from now on. */
static u32 acknowledge_now(void)
{
	u64 begin = clock_ticks();
	u32 intid;

	do
		intid = gic_intid(gic_acknowledge());
	while (intid == GIC_SPURIOUS && clock_ticks() - begin < MS(20));
	return intid;
}

static void priorities_restore(struct scope *scope)
{
	(void)scope;
	gic_set_mask(GIC_PRIORITY_MASK);
	gic_line_set_priority(LOW, GIC_PRIORITY);
	gic_line_set_priority(HIGH, GIC_PRIORITY);
}

struct priorities_scope {
	struct scope scope;
};

static void priorities_enter(struct priorities_scope *s)
{
	gic_enable();
	scope_enter(&s->scope, priorities_restore);
}

TEST(priorities, "the most urgent comes first, and what is masked does not come",
     DEVICE(DEVICE_GIC))
{
	SCOPE(priorities_scope, priorities_enter) {
		SUBTEST("order") {
			pend(LOW, 0xa0);
			pend(HIGH, 0x40);
			EXPECT_EQ(acknowledge_now(), HIGH);
			/* Not more urgent than what runs: it does not preempt. */
			EXPECT_EQ(acknowledge_now(), GIC_SPURIOUS);
			gic_eoi(HIGH);
			EXPECT_EQ(acknowledge_now(), LOW);
			gic_eoi(LOW);
			EXPECT_EQ(acknowledge_now(), GIC_SPURIOUS);
		}
		SUBTEST("preemption") {
			pend(LOW, 0xa0);
			EXPECT_EQ(acknowledge_now(), LOW);
			EXPECT_EQ(gic_running_priority(), 0xa0);
			pend(HIGH, 0x40);
			EXPECT_EQ(acknowledge_now(), HIGH);
			EXPECT_EQ(gic_running_priority(), 0x40);
			gic_eoi(HIGH);
			EXPECT_EQ(gic_running_priority(), 0xa0);
			gic_eoi(LOW);
			EXPECT_EQ(gic_running_priority(), 0xff);
		}
		SUBTEST("mask") {
			/* Those are let through that are below it. */
			gic_set_mask(0xa0);
			pend(LOW, 0xa0);
			EXPECT_EQ(acknowledge_now(), GIC_SPURIOUS);
			EXPECT(gic_line_is_pending(LOW));
			pend(HIGH, 0x90);
			EXPECT_EQ(acknowledge_now(), HIGH);
			gic_eoi(HIGH);
			gic_set_mask(GIC_PRIORITY_MASK);
			EXPECT_EQ(acknowledge_now(), LOW);
			gic_eoi(LOW);
		}
	}
}

/* The highest shared interrupt, as machines use the lowest; 0 if there is none. */
static unsigned int free_spi(void)
{
	unsigned int lines;

	gic_enable();
	lines = GICD_TYPER_LINES(io_read32(gic_distributor(), GICD_TYPER));
	if (lines > 1020)
		return 1019;
	return lines > GIC_SPI(0) ? lines - 1 : 0;
}

TEST(spi, "a shared interrupt is made pending, taken, and taken back by software",
     DEVICE(DEVICE_GIC))
{
	unsigned int intid = free_spi();

	if (!intid)
		return skip("no shared interrupts");
	taken = 0;
	WITH_IRQ(intid, count, NULL) {
		SUBTEST("taken") {
			gic_line_set_pending(intid);
			EXPECT(taken_within(1, 1000000));
			EXPECT(!taken_within(2, 10000));
			EXPECT(!gic_line_is_pending(intid));
		}
		SUBTEST("disabled") {
			gic_line_disable(intid);
			EXPECT(!gic_line_is_enabled(intid));
			gic_line_set_pending(intid);
			EXPECT(gic_line_is_pending(intid));
			EXPECT(!taken_within(2, 10000));
			gic_line_enable(intid);
			EXPECT(gic_line_is_enabled(intid));
			EXPECT(taken_within(2, 1000000));
			EXPECT(!gic_line_is_pending(intid));
		}
		SUBTEST("taken back") {
			gic_line_disable(intid);
			gic_line_set_pending(intid);
			gic_line_clear_pending(intid);
			EXPECT(!gic_line_is_pending(intid));
			gic_line_enable(intid);
			EXPECT(!taken_within(3, 10000));
		}
	}
}
