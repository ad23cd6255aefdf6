/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How late the TSC-deadline timer is (SDM 3A, "TSC-Deadline Mode"): its handler arms it
 * again, so many cycles ahead.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <irq.h>
#include <scope.h>
#include <test.h>

#define DELTA		200000
#define SAMPLES		200
#define SAMPLES_MAX	10000
#define VECTOR		0x41

ARGUMENTS("[cycles ahead [samples [latency that ends it]]]");

static u64 latency[SAMPLES_MAX], delta, samples, limit;
static u64 deadline;
static u32 count, early;
static bool over;

static void arm(void)
{
	deadline = rdtsc() + delta;
	wrmsr(MSR_TSC_DEADLINE, deadline);
}

static void expired(void *arg)
{
	u64 now = rdtsc();

	(void)arg;
	if (over || count == samples)
		return;
	early += now < deadline;
	latency[count] = now - deadline;
	over = limit && latency[count] > limit;
	__atomic_store_n(&count, count + 1, __ATOMIC_RELEASE);
	if (count < samples && !over)
		arm();
}

static bool arguments(void)
{
	u64 *const values[] = { &delta, &samples, &limit };

	delta = DELTA;
	samples = SAMPLES;
	limit = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(values) && argument(i); i++)
		if (!parse_number(argument(i), 0, values[i]))
			return error("not a number: %s", argument(i)), false;
	if (!samples || samples > SAMPLES_MAX)
		return error("1 to %u samples", SAMPLES_MAX), false;
	return true;
}

TEST(tscdeadline_latency, "each deadline interrupts once, and not before its time",
     REQUIRES(CPU_TSC_DEADLINE))
{
	u64 last;

	if (!arguments())
		return;
	count = early = 0;
	over = false;
	apic_enable();
	EXPECT((apic_read(APIC_VERSION) & 0xf0) == 0x10);
	WITH_IRQ(VECTOR, expired, NULL) {
		apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_DEADLINE | VECTOR);
		arm();
		/* irq_wait() gives up when none comes for long: each one anew. */
		for (u32 n = 1; n <= samples && !over; n++)
			if (!irq_wait(&count, n))
				break;
		wrmsr(MSR_TSC_DEADLINE, 0);
		irq_let_in();
		apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	}
	EXPECT(over || count == samples);
	EXPECT_EQ(early, 0);
	if (!count)
		return;
	last = latency[count - 1];
	METRIC("tscdeadline_latency", median(latency, count), "cycles");
	/* Which are sorted by now. */
	METRIC("tscdeadline_latency_min", latency[0], "cycles");
	METRIC("tscdeadline_latency_p99", latency[count - 1 - count / 100], "cycles");
	METRIC("tscdeadline_latency_max", latency[count - 1], "cycles");
	if (over)
		METRIC("tscdeadline_latency_over", last, "cycles");
}
