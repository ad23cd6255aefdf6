/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What exits to the hypervisor cost, in nanoseconds by the virtual counter.  Nothing here
 * is judged but that what is measured happens.  mmio-addr=ADDRESS: a register that the
 * VMM emulates, instead of that of QEMU's first virtio transport.
 */
#include <asm/smccc.h>
#include <clock.h>
#include <exception.h>
#include <its.h>
#include <paging.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <timer.h>

ONLY_ON(arm64);

#define ROUNDS		65536u
#define TIMER_ROUNDS	256u
#define BUDGET_US	1000000		/* a host that is slow does fewer rounds */
#define MMIO_ADDRESS	0x0a000008ul	/* DeviceID */
#define HYP_CALL	0x4b000000	/* vendor's range, no function: DEN 0028, 6 */
#define IPI		2
#define LPI		8199

/* Rounds of @run until all are done, or time is up; one METRIC. */
static void measure(const char *name, void (*run)(void), u32 rounds, u64 less)
{
	u64 budget = clock_us_to_ticks(BUDGET_US), begin, ticks;
	u32 done = 0;

	run();
	begin = clock_ticks();
	do
		run();
	while (++done < rounds && (done % 16 || clock_ticks() - begin < budget));
	ticks = clock_ticks() - begin;
	METRIC(name, ticks * 1000000 / clock_khz() / done - less, "ns");
}

static void hyp_call(void)
{
	if (current_el() == 2)
		smccc_smc(HYP_CALL, 0, 0, 0);
	else
		smccc_hvc(HYP_CALL, 0, 0, 0);
}

TEST(hyp_call, "a hypercall that does nothing")
{
	EXPECT(true);
	measure("hyp_call", hyp_call, ROUNDS, 0);
}

static struct io *mmio;

static void mmio_read_user(void)
{
	io_read32(mmio, 0);
}

TEST(mmio_read_user, "a read of a device that the VMM has")
{
	u64 address = MMIO_ADDRESS;

	parameter("mmio-addr", &address);
	mmio = io_map(address, 4);
	EXPECT_FAULT(FAULT_NONE, try_load(mmio));
	measure("mmio_read_user", mmio_read_user, ROUNDS, 0);
}

static void mmio_read_vgic(void)
{
	io_read32(gic_distributor(), GICD_IIDR);
}

TEST(mmio_read_vgic, "a read of the distributor", DEVICE(DEVICE_GIC))
{
	EXPECT_EQ(io_read32(gic_distributor(), GICD_IIDR),
		  io_read32(gic_distributor(), GICD_IIDR));
	measure("mmio_read_vgic", mmio_read_vgic, ROUNDS, 0);
}

static void eoi(void)
{
	gic_eoi(GIC_SPURIOUS);
}

TEST(eoi, "EOI of nothing", DEVICE(DEVICE_GIC))
{
	gic_enable();
	EXPECT(true);
	measure("eoi", eoi, ROUNDS, 0);
}

static u32 received, stop;

static void receive(void *arg)
{
	(void)arg;
	__atomic_add_fetch(&received, 1, __ATOMIC_RELEASE);
}

static void listen(void *arg)
{
	(void)arg;
	gic_enable();
	irq_enable();
	__atomic_store_n(&stop, 0, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		cpu_relax();
	irq_disable();
}

static void receiver_leave(struct scope *scope)
{
	(void)scope;
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	on_cpu_end(1);
}

struct receiver_scope {
	struct scope scope;
};

/* CPU 1 takes interrupts. */
static void receiver_enter(struct receiver_scope *s)
{
	stop = 1;
	on_cpu_begin(1, listen, NULL);
	scope_enter(&s->scope, receiver_leave);
	while (__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		cpu_relax();
}

#define WITH_RECEIVER()	SCOPE(receiver_scope, receiver_enter)

/* Wait until one more has come; a missing one ends the TEST. */
static void received_wait(u32 before)
{
	u64 begin = clock_ticks();

	while (__atomic_load_n(&received, __ATOMIC_ACQUIRE) == before)
		if (clock_ticks() - begin > clock_us_to_ticks(5000000))
			REQUIRE(received != before);
}

static void ipi(void)
{
	u32 before = received;

	gic_sgi(1, IPI);
	received_wait(before);
}

static void measure_ipi(const char *name)
{
	WITH_IRQ(IPI, receive, NULL) WITH_RECEIVER() {
		ipi();
		EXPECT(received);
		measure(name, ipi, ROUNDS, 0);
	}
}

TEST(ipi, "an SGI to another CPU, until it is handled", CPUS(2), DEVICE(DEVICE_GIC))
{
	measure_ipi("ipi");
}

TEST(ipi_hw, "the same, delivered by hardware: GICv4.1's SGIs without active state",
     CPUS(2), DEVICE(DEVICE_GICV3))
{
	u32 control;

	gic_enable();
	if (!(io_read32(gic_distributor(), GICD_TYPER2) & GICD_TYPER2_NASSGICAP))
		return skip("GICD_TYPER2.nASSGIcap is 0");
	control = io_read32(gic_distributor(), GICD_CTLR);
	io_write32(gic_distributor(), GICD_CTLR, control & ~(GICD_CTLR_G1 | GICD_CTLR_G1A));
	io_write32(gic_distributor(), GICD_CTLR, control | GICD_CTLR_NASSGIREQ);
	measure_ipi("ipi_hw");
	io_write32(gic_distributor(), GICD_CTLR, control);
}

static void lpi(void)
{
	u32 before = received;

	its_int(1, 0);
	received_wait(before);
}

static void lpi_here(void *arg)
{
	(void)arg;
	lpi_enable();
}

TEST(lpi, "an LPI by the ITS's INT, until it is handled", CPUS(2), DEVICE(DEVICE_ITS))
{
	struct irq old = irq_set(LPI, (struct irq){ receive, NULL, false });

	on_cpus(lpi_here, NULL);
	its_enable();
	lpi_configure(LPI, GIC_PRIORITY | LPI_ENABLE);
	its_map_device(1, 8);
	its_map_collection(1, 1);
	its_map_event(1, 0, LPI, 1);
	its_invall(1);
	WITH_RECEIVER() {
		lpi();
		EXPECT(received);
		measure("lpi", lpi, ROUNDS, 0);
	}
	irq_set(LPI, old);
}

static const struct timer *t;
static u32 ticks_10ms;

static void on_timer(void *arg)
{
	t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	receive(arg);
}

static void timer_10ms(void)
{
	u32 before = received;

	t->set_tval(ticks_10ms);
	t->set_ctl(TIMER_ENABLE);
	while (received == before)
		asm volatile("wfi; msr daifclr, #2; isb; msr daifset, #2" : : : "memory");
}

TEST(timer_10ms, "a timer's interrupt, beyond the 10 ms that it is set to",
     DEVICE(DEVICE_GIC))
{
	unsigned int intid = timer_intid(TIMER_VIRTUAL);

	t = timer_get(TIMER_VIRTUAL);
	ticks_10ms = clock_khz() * 10;
	if (!intid)
		return skip("the device tree has no interrupt for this timer");
	WITH_IRQ(intid, on_timer, NULL) {
		timer_10ms();
		EXPECT(received);
		measure("timer_10ms", timer_10ms, TIMER_ROUNDS, 10000000);
		t->set_ctl(0);
	}
}
