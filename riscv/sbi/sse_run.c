/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's supervisor software events (17) as they run. */
#include <asm/cpu.h>
#include <clock.h>
#include <harts.h>
#include <smp.h>
#include <sse.h>
#include <test.h>

#define PATIENCE_US	20000000

static const struct kind {
	const char *name;
	u32 id;
} kinds[] = {
	{ "local", SSE_LOCAL_SOFTWARE },
	{ "global", SSE_GLOBAL_SOFTWARE },
};

static long mask(void)
{
	return sse_call(SBI_SSE_MASK, 0, 0, 0);
}

static long unmask(void)
{
	return sse_call(SBI_SSE_UNMASK, 0, 0, 0);
}

static long inject(u32 id, unsigned int cpu)
{
	return sse_call(SBI_SSE_INJECT, id, hart_of(cpu), 0);
}

static unsigned long status_of(u32 id)
{
	unsigned long status = 0;

	EXPECT_EQ(sse_read(id, SSE_STATUS, &status), SBI_SUCCESS);
	return status;
}

TEST(sse_mask, "a hart is masked once, and unmasked once", DEVICE(DEVICE_SBI_SSE),
     XFAIL_ON(HYPERVISOR_OPENSBI_1_6, "OpenSBI before 1.7 exchanges the two errors"))
{
	mask();
	EXPECT_EQ(mask(), SBI_ALREADY_STOPPED);
	EXPECT_EQ(unmask(), SBI_SUCCESS);
	EXPECT_EQ(unmask(), SBI_ALREADY_STARTED);
	EXPECT_EQ(mask(), SBI_SUCCESS);
}

static struct {
	unsigned long hart, status, sie;
} seen;

static void look(struct sse_event *event, unsigned long hart)
{
	seen.hart = hart;
	seen.sie = csr_read(CSR_SSTATUS) & SSTATUS_SIE;
	sse_read(event->id, SSE_STATUS, &seen.status);
	/* What it is, may not change now; what it interrupts, may, within limits. */
	EXPECT_EQ(sse_write(event->id, SSE_PRIORITY, 1), SBI_INVALID_STATE);
	EXPECT_EQ(sse_write(event->id, SSE_FLAGS, BIT(7)), SBI_INVALID_PARAM);
	if (event->id & SSE_GLOBAL)
		EXPECT_EQ(sse_write(event->id, SSE_PREFERRED_HART, hart),
			  SBI_INVALID_STATE);
}

static void check_inject(const struct kind *kind)
{
	struct sse_event event = { .handler = look, .id = kind->id };

	mask();
	memset(&seen, 0, sizeof(seen));
	REQUIRE_EQ(sse_begin(&event), SBI_SUCCESS);
	EXPECT_EQ(inject(event.id, 0), SBI_SUCCESS);
	EXPECT_EQ(event.count, 0);
	EXPECT_EQ(status_of(event.id) & (SSE_PENDING | 3), SSE_PENDING | SSE_ENABLED);
	EXPECT_EQ(unmask(), SBI_SUCCESS);
	EXPECT_EQ(event.count, 1);
	EXPECT_EQ(seen.hart, hart_of(0));
	EXPECT_EQ(seen.sie, 0);
	EXPECT_EQ(SSE_STATE(seen.status), SSE_RUNNING);
	EXPECT_EQ(seen.status & SSE_PENDING, 0);
	EXPECT_EQ(status_of(event.id) & (SSE_PENDING | 3), SSE_ENABLED);
	EXPECT_EQ(inject(event.id, 0), SBI_SUCCESS);
	EXPECT_EQ(event.count, 2);
	EXPECT_EQ(mask(), SBI_SUCCESS);
	EXPECT_EQ(sse_end(&event), SBI_SUCCESS);
}

TEST(sse_inject, "an event waits while its hart is masked, and is delivered once",
     DEVICE(DEVICE_SBI_SSE))
{
	for_each(kind, kinds) SUBTEST("%s", kind->name)
		check_inject(kind);
}

TEST(sse_one_shot, "an event that is for once is disabled by its delivery",
     DEVICE(DEVICE_SBI_SSE))
{
	for_each(kind, kinds) SUBTEST("%s", kind->name) {
		struct sse_event event = { .id = kind->id };

		mask();
		EXPECT_EQ(sse_write(event.id, SSE_CONFIG, SSE_ONE_SHOT), SBI_SUCCESS);
		REQUIRE_EQ(sse_begin(&event), SBI_SUCCESS);
		unmask();
		EXPECT_EQ(inject(event.id, 0), SBI_SUCCESS);
		EXPECT_EQ(event.count, 1);
		EXPECT_EQ(SSE_STATE(status_of(event.id)), SSE_REGISTERED);
		EXPECT_EQ(sse_call(SBI_SSE_UNREGISTER, event.id, 0, 0), SBI_SUCCESS);
		EXPECT_EQ(sse_write(event.id, SSE_CONFIG, 0), SBI_SUCCESS);
		mask();
	}
}

#define NEW_A6		0x1a6a6
#define NEW_A7		0x1a7a7

static void change(struct sse_event *event, unsigned long hart)
{
	unsigned long a6 = 0, a7 = 0;

	(void)hart;
	/* Interrupted by the call that injected it. */
	EXPECT_EQ(sse_read(event->id, SSE_A6, &a6), SBI_SUCCESS);
	EXPECT_EQ(sse_read(event->id, SSE_A7, &a7), SBI_SUCCESS);
	EXPECT_EQ(a6, SBI_SSE_INJECT);
	EXPECT_EQ(a7, SBI_SSE);
	EXPECT_EQ(sse_write(event->id, SSE_A6, NEW_A6), SBI_SUCCESS);
	EXPECT_EQ(sse_write(event->id, SSE_A7, NEW_A7), SBI_SUCCESS);
}

TEST(sse_context, "a handler sees what it interrupts, and may change it",
     DEVICE(DEVICE_SBI_SSE))
{
	struct sse_event event = { .handler = change, .id = SSE_LOCAL_SOFTWARE };
	register unsigned long a0 asm("a0") = event.id;
	register unsigned long a1 asm("a1");
	register unsigned long a6 asm("a6");
	register unsigned long a7 asm("a7");
	unsigned long results[3], hart = hart_of(0);

	mask();
	REQUIRE_EQ(sse_begin(&event), SBI_SUCCESS);
	unmask();
	a0 = event.id;
	a1 = hart;
	a6 = SBI_SSE_INJECT;
	a7 = SBI_SSE;
	asm volatile("ecall" : "+r"(a0), "+r"(a1), "+r"(a6), "+r"(a7) : : "memory");
	results[0] = a0;
	results[1] = a6;
	results[2] = a7;
	EXPECT_EQ(event.count, 1);
	EXPECT_EQ(results[0], SBI_SUCCESS);
	EXPECT_EQ(results[1], NEW_A6);
	EXPECT_EQ(results[2], NEW_A7);
	mask();
	EXPECT_EQ(sse_end(&event), SBI_SUCCESS);
}

static struct sse_event first, second;
static u32 order;

/* The first one injects the second, which runs at once or after it. */
static void inject_second(struct sse_event *event, unsigned long hart)
{
	(void)event;
	(void)hart;
	EXPECT_EQ(inject(second.id, 0), SBI_SUCCESS);
	order = second.count;
}

static void check_order(u32 a, u32 priority_a, u32 b, u32 priority_b, bool nested)
{
	first = (struct sse_event){ .handler = inject_second, .id = a };
	second = (struct sse_event){ .id = b };
	order = 0;
	mask();
	EXPECT_EQ(sse_write(a, SSE_PRIORITY, priority_a), SBI_SUCCESS);
	EXPECT_EQ(sse_write(b, SSE_PRIORITY, priority_b), SBI_SUCCESS);
	REQUIRE_EQ(sse_begin(&first), SBI_SUCCESS);
	REQUIRE_EQ(sse_begin(&second), SBI_SUCCESS);
	unmask();
	EXPECT_EQ(inject(a, 0), SBI_SUCCESS);
	EXPECT_EQ(first.count, 1);
	EXPECT_EQ(second.count, 1);
	EXPECT_EQ(order, nested);
	mask();
	EXPECT_EQ(sse_end(&first), SBI_SUCCESS);
	EXPECT_EQ(sse_end(&second), SBI_SUCCESS);
	EXPECT_EQ(sse_write(a, SSE_PRIORITY, 0), SBI_SUCCESS);
	EXPECT_EQ(sse_write(b, SSE_PRIORITY, 0), SBI_SUCCESS);
}

TEST(sse_priority, "a handler is interrupted by a higher priority only (17.3)",
     DEVICE(DEVICE_SBI_SSE))
{
	/* Lower numbers first; of the same, lower events first. */
	SUBTEST("a higher priority")
		check_order(SSE_LOCAL_SOFTWARE, 5, SSE_GLOBAL_SOFTWARE, 4, true);
	SUBTEST("a lower priority")
		check_order(SSE_LOCAL_SOFTWARE, 5, SSE_GLOBAL_SOFTWARE, 6, false);
	SUBTEST("the same, and a higher event")
		check_order(SSE_LOCAL_SOFTWARE, 5, SSE_GLOBAL_SOFTWARE, 5, false);
	SUBTEST("the same, and a lower event")
		check_order(SSE_GLOBAL_SOFTWARE, 5, SSE_LOCAL_SOFTWARE, 5, true);
}

static struct sse_event there;
static u32 over, ready;
static long errors[2];

static void wait_there(void *arg)
{
	(void)arg;
	errors[0] = sse_begin(&there);
	unmask();
	atomic_add(&ready, 1);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		cpu_relax();
	mask();
	errors[1] = sse_end(&there);
}

static void note_hart(struct sse_event *event, unsigned long hart)
{
	(void)event;
	seen.hart = hart;
}

static bool soon(u32 *counter)
{
	u64 begin = clock_ticks(), most = clock_us_to_ticks(PATIENCE_US);

	while (!__atomic_load_n(counter, __ATOMIC_ACQUIRE))
		if (clock_ticks() - begin > most)
			return false;
	return true;
}

TEST(sse_other_hart, "an event reaches the hart that it is for", DEVICE(DEVICE_SBI_SSE),
     CPUS(2))
{
	smp_start();
	for (unsigned int cpu = 1; cpu < cpu_count(); cpu++)
		for_each(kind, kinds) SUBTEST("%s, CPU %u", kind->name, cpu) {
			there = (struct sse_event){ .handler = note_hart, .id = kind->id };
			over = ready = 0;
			seen.hart = -1ul;
			if (kind->id & SSE_GLOBAL)
				EXPECT_EQ(sse_write(kind->id, SSE_PREFERRED_HART,
						    hart_of(cpu)), SBI_SUCCESS);
			on_cpu_begin(cpu, wait_there, NULL);
			EXPECT(soon(&ready));
			EXPECT_EQ(inject(kind->id, cpu), SBI_SUCCESS);
			EXPECT(soon(&there.count));
			__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
			on_cpu_end(cpu);
			EXPECT_EQ(errors[0], SBI_SUCCESS);
			EXPECT_EQ(errors[1], SBI_SUCCESS);
			EXPECT_EQ(there.count, 1);
			EXPECT_EQ(seen.hart, hart_of(cpu));
		}
}
