/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs: starting and stopping them, interrupts between them, and time on all. */
#include <clock.h>
#include <hcall.h>
#include <rtas.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <topology.h>
#include <xics.h>

#define START_US	5000000u	/* for all CPUs to come up */
#define WAIT_US		5000000u	/* for what takes microseconds */
#define TIME_US		500000u

static bool wait_for(const u32 *word, u32 value)
{
	u64 begin = clock_ticks();

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) {
		if (clock_ticks() - begin > clock_us_to_ticks(WAIT_US))
			return false;
		cpu_relax();
	}
	return true;
}

static void mark(void *arg)
{
	((u32 *)arg)[cpu_index()]++;
}

TEST(start_cpus, "all CPUs come up in time, and work", CPUS(2))
{
	static u32 marks[64];
	u64 begin = clock_ticks();

	memset(marks, 0, sizeof(marks));
	smp_start();
	EXPECT(clock_ticks() - begin < clock_us_to_ticks(START_US));
	on_cpus(mark, marks);
	for (unsigned int i = 0; i < cpu_count() && i < 64; i++)
		EXPECT_EQ(marks[i], 1);
	METRIC("start", (clock_ticks() - begin) / (clock_khz() / 1000), "us");
}

#define STOPPED		0u

static u32 stopped_state(u32 server)
{
	u32 results[2];

	return rtas_call("query-cpu-stopped-state", results, 2, &server, 1) ? -1u : results[1];
}

static u32 may_stop;

/* Not before the H_PROD of on_cpu_begin(), which is for a CPU that runs. */
static void stop_there(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&may_stop, __ATOMIC_ACQUIRE))
		cpu_relax();
	cpu_turn_off();
}

TEST(stop_cpus, "a CPU that has stopped is started again", CPUS(2), DEVICE(DEVICE_RTAS))
{
	static u32 marks[64];
	struct cpu *cpu;

	smp_start();
	cpu = cpu_get(1);
	for (u32 i = 0; i < 10; i++) {
		u64 begin = clock_ticks();

		__atomic_store_n(&may_stop, 0, __ATOMIC_RELAXED);
		on_cpu_begin(1, stop_there, NULL);
		__atomic_store_n(&may_stop, 1, __ATOMIC_RELEASE);
		/* From here on it does not sleep, which QEMU takes for stopped. */
		on_cpu_end(1);
		while (stopped_state(cpu->server) != STOPPED &&
		       clock_ticks() - begin < clock_us_to_ticks(WAIT_US))
			cpu_relax();
		REQUIRE_EQ(stopped_state(cpu->server), STOPPED);
		cpu_turn_on(cpu);
		memset(marks, 0, sizeof(marks));
		on_cpu(1, mark, marks);
		EXPECT_EQ(marks[1], 1);
	}
}

static u32 ipis[64], ready, quit;

static bool ipi_taken(struct frame *frame)
{
	(void)frame;
	ipi_end();
	__atomic_fetch_add(&ipis[cpu_index()], 1, __ATOMIC_SEQ_CST);
	return true;
}

static void ipis_wait(void *arg)
{
	(void)arg;
	ipi_open();
	irq_enable();
	atomic_add(&ready, 1);
	while (!__atomic_load_n(&quit, __ATOMIC_ACQUIRE))
		cpu_relax();
	irq_disable();
	ipi_close();
}

TEST(ipi_cpus, "each CPU takes the interrupts that it is sent, and no others", CPUS(2))
{
	unsigned int count = cpu_count() < 64 ? cpu_count() : 64;

	smp_start();
	memset(ipis, 0, sizeof(ipis));
	ready = quit = 0;
	WITH_VECTOR(ipi_vector(), ipi_taken) {
		for (unsigned int i = 1; i < count; i++)
			on_cpu_begin(i, ipis_wait, NULL);
		EXPECT(wait_for(&ready, count - 1));
		for (unsigned int i = 1; i < count; i++) {
			ipi_send(cpu_get(i)->server);
			EXPECT(wait_for(&ipis[i], 1));
		}
		ipi_send(cpu_get(1)->server);
		EXPECT(wait_for(&ipis[1], 2));
		delay_us(10000);
		__atomic_store_n(&quit, 1, __ATOMIC_RELEASE);
		for (unsigned int i = 1; i < count; i++)
			on_cpu_end(i);
	}
	EXPECT_EQ(ipis[0], 0);
	EXPECT_EQ(ipis[1], 2);
	for (unsigned int i = 2; i < count; i++)
		EXPECT_EQ(ipis[i], 1);
}

TEST(ipi_self, "a CPU interrupts itself, but not before it lets it in")
{
	memset(ipis, 0, sizeof(ipis));
	WITH_VECTOR(ipi_vector(), ipi_taken) {
		ipi_open();
		ipi_send(cpu_self()->server);
		delay_us(1000);
		EXPECT_EQ(ipis[0], 0);
		irq_enable();
		EXPECT(wait_for(&ipis[0], 1));
		irq_disable();
		irq_window();
		EXPECT_EQ(ipis[0], 1);
		ipi_close();
	}
}

TEST(ipi_wakes, "an interrupt ends H_CEDE", CPUS(2), DEVICE(DEVICE_PAPR))
{
	memset(ipis, 0, sizeof(ipis));
	WITH_VECTOR(ipi_vector(), ipi_taken) {
		ipi_open();
		/* Pending already: no sleep at all, or there is nobody to end it. */
		ipi_send(cpu_self()->server);
		EXPECT_EQ(hcall(H_CEDE), H_SUCCESS);
		irq_disable();
		EXPECT_EQ(ipis[0], 1);
		ipi_close();
	}
}

/* From below, so that whatever is more favoured gets presented. */
static void favour(unsigned int priority)
{
	EXPECT_EQ(hcall(H_CPPR, XICS_NONE), H_SUCCESS);
	EXPECT_EQ(hcall(H_CPPR, priority), H_SUCCESS);
}

/* By polling: nothing of these lets interrupts in. */
TEST(priorities, "an interrupt that is no more favoured than what the CPU does, waits",
     DEVICE(DEVICE_PAPR))
{
	u32 own = cpu_self()->server, xirr;

	EXPECT_EQ(hcall(H_CPPR, XICS_NONE), H_SUCCESS);
	EXPECT_EQ(hcall(H_IPI, own, XICS_IPI_PRIORITY), H_SUCCESS);
	SUBTEST("none while the CPU's is 0")
		EXPECT_EQ(XIRR_SOURCE(xics_accept()), 0);
	SUBTEST("none of the same priority") {
		favour(XICS_IPI_PRIORITY);
		EXPECT_EQ(XIRR_SOURCE(xics_accept()), 0);
	}
	SUBTEST("one of a more favoured") {
		favour(XICS_ALL);
		xirr = xics_accept();
		EXPECT_EQ(XIRR_SOURCE(xirr), XICS_IPI);
		/* Of what was before: H_EOI goes back to it. */
		EXPECT_EQ(XIRR_PRIORITY(xirr), XICS_ALL);
		/* It has been accepted, so this CPU is at its priority. */
		EXPECT_EQ(XIRR_SOURCE(xics_accept()), 0);
		EXPECT_EQ(hcall(H_EOI, xirr), H_SUCCESS);
	}
	/* The CPU's priority is the accepted interrupt's, so with none it is as it was. */
	SUBTEST("accepting nothing changes nothing") {
		favour(1);
		EXPECT_EQ(xics_accept(), 1 << 24);
		EXPECT_EQ(xics_accept(), 1 << 24);
		favour(XICS_ALL);
	}
	SUBTEST("once more, as it was not cleared") {
		xirr = xics_accept();
		EXPECT_EQ(XIRR_SOURCE(xirr), XICS_IPI);
		EXPECT_EQ(hcall(H_IPI, own, XICS_CLEAR), H_SUCCESS);
		EXPECT_EQ(hcall(H_EOI, xirr), H_SUCCESS);
		EXPECT_EQ(XIRR_SOURCE(xics_accept()), 0);
	}
	SUBTEST("no such CPU")
		EXPECT_EQ(hcall(H_IPI, 0x7fffffff, XICS_IPI_PRIORITY), H_PARAMETER);
	EXPECT_EQ(hcall(H_CPPR, XICS_NONE), H_SUCCESS);
}

static u64 last_time;
static u32 backward;

static void times(void *arg)
{
	u64 begin = clock_ticks(), now = begin;

	(void)arg;
	while (now - begin < clock_us_to_ticks(TIME_US)) {
		u64 before = __atomic_load_n(&last_time, __ATOMIC_SEQ_CST);

		/* isync: the clock is not read ahead of the load. */
		asm volatile("isync" : : : "memory");
		now = clock_ticks();
		if (now < before)
			atomic_add(&backward, 1);
		else
			__atomic_compare_exchange_n(&last_time, &before, now, false,
						    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	}
}

TEST(time_sync, "time that one CPU has read is never ahead of another's", CPUS(2))
{
	last_time = 0;
	backward = 0;
	on_cpus(times, NULL);
	EXPECT(last_time);
	EXPECT_EQ(backward, 0);
}

#define MEASURED	100000u

TEST(relax, "what a pause costs, in ticks for 100000")
{
	u64 begin = clock_ticks();

	for (u32 i = 0; i < MEASURED; i++)
		asm volatile("nop");
	METRIC("nop", clock_ticks() - begin, "ticks");
	begin = clock_ticks();
	for (u32 i = 0; i < MEASURED; i++)
		cpu_relax();
	METRIC("cpu_relax()", clock_ticks() - begin, "ticks");
	EXPECT(clock_ticks() > begin);
}
