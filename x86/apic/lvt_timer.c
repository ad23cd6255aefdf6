/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The APIC timer (SDM 3A, "APIC Timer", "TSC-Deadline Mode").  How fast it counts is
 * the machine's affair; counts are chosen large enough to be looked at, and what the
 * host may delay is never taken for a fault.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <clock.h>
#include <irq.h>
#include <scope.h>
#include <test.h>

#define VECTOR		0x43
#define SHORT		0x10000u
#define LONG_MS		20

/* An initial count for so long that it can be watched on its way. */
static u32 long_count;

static u32 count;
static u64 fired_at;

static void fired(void *arg)
{
	(void)arg;
	count++;
	fired_at = rdtsc();
}

struct timer_scope {
	struct scope scope;
	struct irq_scope irq;
};

static void timer_leave(struct scope *scope)
{
	struct timer_scope *s = (struct timer_scope *)scope;

	apic_write(APIC_TMICT, 0);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	irq_let_in();		/* what is still pending has a handler now */
	s->irq.scope.leave(&s->irq.scope);
}

/* The timer is masked here; all it does is count. */
static u32 long_count_measure(void)
{
	apic_write(APIC_TMICT, 0xffffffff);
	delay_us(1000);
	return (0xffffffff - apic_read(APIC_TMCCT)) * LONG_MS;
}

/* One scope for the timer and its interrupt. */
static void timer_enter(struct timer_scope *s, u32 lvt)
{
	struct scope *outer = cpu_self()->scopes;

	count = 0;
	irq_enter(&s->irq, VECTOR, fired, NULL);
	cpu_self()->scopes = outer;
	scope_enter(&s->scope, timer_leave);
	apic_write(APIC_TDCR, APIC_TDCR_BY_1);
	if (!long_count)
		long_count = long_count_measure();
	apic_write(APIC_TMICT, 0);
	apic_write(APIC_LVT_TIMER, lvt | VECTOR);
}

#define WITH_TIMER(lvt)	SCOPE(timer_scope, timer_enter, lvt)

static bool has_fired(void)
{
	return count || apic_vector_is(APIC_IRR, VECTOR);
}

TEST(oneshot, "one-shot: one interrupt, and the count stays 0")
{
	WITH_TIMER(APIC_LVT_TIMER_ONESHOT) {
		apic_write(APIC_TMICT, SHORT);
		EXPECT_TAKEN(&count, 1);
		EXPECT_EQ(apic_read(APIC_TMCCT), 0);
		EXPECT_EQ(apic_read(APIC_TMICT), SHORT);
		delay_us(1000);
		irq_let_in();
		EXPECT_EQ(count, 1);
	}
}

TEST(counts_down, "the current count begins at the initial one, and goes down")
{
	WITH_TIMER(APIC_LVT_MASKED) {
		u32 last = long_count, now;

		EXPECT_EQ(apic_read(APIC_TMCCT), 0);
		apic_write(APIC_TMICT, long_count);
		for (unsigned int i = 0; i < 100; i++) {
			now = apic_read(APIC_TMCCT);
			EXPECT(now <= last);
			last = now;
		}
		EXPECT(last < long_count);
		/* Started anew by any write of the initial count, and stopped by 0. */
		apic_write(APIC_TMICT, 0xffffffff);
		EXPECT(apic_read(APIC_TMCCT) > long_count);
		apic_write(APIC_TMICT, 0);
		EXPECT_EQ(apic_read(APIC_TMCCT), 0);
	}
}

TEST(masked, "masked it counts, and what it says meanwhile is lost")
{
	WITH_TIMER(APIC_LVT_TIMER_ONESHOT | APIC_LVT_MASKED) {
		apic_write(APIC_TMICT, SHORT);
		while (apic_read(APIC_TMCCT))
			cpu_relax();
		irq_let_in();
		apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_ONESHOT | VECTOR);
		irq_let_in();
		EXPECT_EQ(count, 0);
		apic_write(APIC_TMICT, SHORT);
		EXPECT_TAKEN(&count, 1);
	}
}

TEST(stopped, "an initial count of 0 stops it")
{
	WITH_TIMER(APIC_LVT_TIMER_PERIODIC) {
		apic_write(APIC_TMICT, long_count);
		apic_write(APIC_TMICT, 0);
		EXPECT_EQ(apic_read(APIC_TMCCT), 0);
		irq_let_in();
		count = 0;
		delay_us(1000);
		irq_let_in();
		EXPECT_EQ(count, 0);
	}
}

TEST(periodic, "periodic: one interrupt after the other, from the same initial count")
{
	WITH_TIMER(APIC_LVT_TIMER_PERIODIC) {
		apic_write(APIC_TMICT, SHORT * 8);
		irq_wait(&count, 5);
		EXPECT(count >= 5);
		EXPECT_EQ(apic_read(APIC_TMICT), SHORT * 8);
		EXPECT(apic_read(APIC_TMCCT) <= SHORT * 8);
	}
}

static const struct {
	u32 tdcr, by;
} divisors[] = {
	{ 0xb, 1 }, { 0x0, 2 }, { 0x1, 4 }, { 0x2, 8 },
	{ 0x3, 16 }, { 0x8, 32 }, { 0x9, 64 }, { 0xa, 128 },
};

/* Bounds of the input clock's ticks per 2^16 TSC ticks, as a divisor shows them. */
struct rate {
	u64 low, high;
};

/* @ticks times 256 per @time, whose quotient here has less than 32 bits. */
static u64 per_time(u64 ticks, u64 time)
{
	u32 high = ticks >> 24, low = ticks << 8, quotient;

	if (high >= (u32)time)
		return 0xffffffff;
	asm("divl %3" : "=a"(quotient), "+d"(high) : "0"(low), "r"((u32)time) : "cc");
	return quotient;
}

static struct rate rate_measure(u32 tdcr, u32 by)
{
	u64 before_first, after_first, before_last, after_last;
	u32 first, last, ticks;

	apic_write(APIC_TDCR, tdcr);
	apic_write(APIC_TMICT, 0xffffffff);
	before_first = rdtsc();
	first = apic_read(APIC_TMCCT);
	after_first = rdtsc();
	delay_us(2000);
	before_last = rdtsc();
	last = apic_read(APIC_TMCCT);
	after_last = rdtsc();
	ticks = first - last;
	/* One more or less at both ends; times in units of 256 ticks of the TSC. */
	return (struct rate){
		.low = per_time(ticks ? (u64)(ticks - 1) * by : 0,
				((after_last - before_first) >> 8) + 1),
		.high = per_time((u64)(ticks + 1) * by,
				 (before_last - after_first) >> 8),
	};
}

TEST(divide, "the divide register's eight values divide by 1 to 128")
{
	struct rate by_1;

	WITH_TIMER(APIC_LVT_MASKED) {
		by_1 = rate_measure(0xb, 1);
		for_each(divisor, divisors) SUBTEST("by %u", divisor->by) {
			struct rate rate = rate_measure(divisor->tdcr, divisor->by);

			EXPECT_EQ(apic_read(APIC_TDCR), divisor->tdcr);
			/* Wrong by a factor of 2 is the nearest that it can be. */
			EXPECT(rate.low * 10 <= by_1.high * 13);
			EXPECT(rate.high * 13 >= by_1.low * 10);
		}
	}
}

TEST(mode_bits, "the mode reads back, and its change alone starts nothing")
{
	WITH_TIMER(APIC_LVT_TIMER_ONESHOT) {
		apic_write(APIC_TMICT, SHORT);
		irq_wait(&count, 1);
		EXPECT_EQ(apic_read(APIC_LVT_TIMER), APIC_LVT_TIMER_ONESHOT | VECTOR);
		apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_PERIODIC | VECTOR);
		EXPECT_EQ(apic_read(APIC_LVT_TIMER), APIC_LVT_TIMER_PERIODIC | VECTOR);
		EXPECT_EQ(apic_read(APIC_TMICT), SHORT);
		EXPECT_EQ(apic_read(APIC_TMCCT), 0);
		count = 0;
		delay_us(1000);
		irq_let_in();
		EXPECT_EQ(count, 0);
	}
}

#define TRIES	20

/*
 * Did the count go on through a change of mode?  Tried again if it came to its end, which
 * a hypervisor may notice behind the one that reads 0.
 */
static bool goes_on_in(u32 mode)
{
	u32 before, after;

	for (unsigned int i = 1; i <= TRIES; i++) {
		apic_write(APIC_LVT_TIMER, (mode ^ APIC_LVT_TIMER_PERIODIC) | VECTOR);
		apic_write(APIC_TMICT, long_count);
		while (apic_read(APIC_TMCCT) > long_count / 4 * 3 && !has_fired())
			cpu_relax();
		before = apic_read(APIC_TMCCT);
		apic_write(APIC_LVT_TIMER, mode | VECTOR);
		after = apic_read(APIC_TMCCT);
		if (!has_fired() && (after || i == TRIES))
			return EXPECT(after && after <= before);
		irq_let_in();
		count = 0;
	}
	return error("the host is never here for long"), false;
}

TEST(to_periodic, "a timer changed from one-shot to periodic counts on, and then begins anew")
{
	WITH_TIMER(APIC_LVT_TIMER_ONESHOT)
		if (goes_on_in(APIC_LVT_TIMER_PERIODIC)) {
			irq_wait(&count, 2);
			EXPECT(count >= 2);
			EXPECT_EQ(apic_read(APIC_TMICT), long_count);
		}
}

TEST(to_oneshot, "a timer changed from periodic to one-shot counts on, and ends")
{
	WITH_TIMER(APIC_LVT_TIMER_ONESHOT)
		if (goes_on_in(APIC_LVT_TIMER_ONESHOT)) {
			EXPECT_TAKEN(&count, 1);
			EXPECT_EQ(apic_read(APIC_TMCCT), 0);
		}
}

TEST(reload, "a new initial count while it runs is where it goes on")
{
	WITH_TIMER(APIC_LVT_TIMER_ONESHOT) {
		apic_write(APIC_TMICT, 0xffffffff);
		apic_write(APIC_TMICT, SHORT);
		EXPECT(apic_read(APIC_TMCCT) <= SHORT);
		EXPECT_TAKEN(&count, 1);
	}
}

#define DEADLINE	APIC_LVT_TIMER_DEADLINE
#define AHEAD		2000000

TEST(deadline_past, "a TSC deadline in the past interrupts once, and is gone",
     REQUIRES(CPU_TSC_DEADLINE))
{
	WITH_TIMER(DEADLINE) {
		wrmsr(MSR_TSC_DEADLINE, 1);
		EXPECT_TAKEN(&count, 1);
		EXPECT_EQ(rdmsr(MSR_TSC_DEADLINE), 0);
		irq_let_in();
		EXPECT_EQ(count, 1);
	}
}

TEST(deadline, "a TSC deadline ahead is readable, and interrupts not before it",
     REQUIRES(CPU_TSC_DEADLINE))
{
	WITH_TIMER(DEADLINE)
		for (unsigned int i = 0; i < 10; i++) {
			u64 deadline = rdtsc() + AHEAD, read;

			count = 0;
			wrmsr(MSR_TSC_DEADLINE, deadline);
			read = rdmsr(MSR_TSC_DEADLINE);
			EXPECT(read == deadline || rdtsc() >= deadline);
			EXPECT_TAKEN(&count, 1);
			EXPECT(fired_at >= deadline);
			EXPECT_EQ(rdmsr(MSR_TSC_DEADLINE), 0);
		}
}

TEST(deadline_disarmed, "a deadline of 0, and another mode, disarm it",
     REQUIRES(CPU_TSC_DEADLINE))
{
	WITH_TIMER(DEADLINE) {
		wrmsr(MSR_TSC_DEADLINE, rdtsc() + BIT(40));
		EXPECT(rdmsr(MSR_TSC_DEADLINE) > rdtsc());
		wrmsr(MSR_TSC_DEADLINE, 0);
		EXPECT_EQ(rdmsr(MSR_TSC_DEADLINE), 0);
		wrmsr(MSR_TSC_DEADLINE, rdtsc() + BIT(40));
		apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_ONESHOT | VECTOR);
		EXPECT_EQ(rdmsr(MSR_TSC_DEADLINE), 0);
		irq_let_in();
		EXPECT_EQ(count, 0);
	}
}

TEST(deadline_mode, "in TSC-deadline mode there are no counts, elsewhere no deadline",
     REQUIRES(CPU_TSC_DEADLINE))
{
	WITH_TIMER(DEADLINE) {
		apic_write(APIC_TMICT, SHORT);
		EXPECT_EQ(apic_read(APIC_TMCCT), 0);
		apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_ONESHOT | VECTOR);
		wrmsr(MSR_TSC_DEADLINE, 1);
		EXPECT_EQ(rdmsr(MSR_TSC_DEADLINE), 0);
		irq_let_in();
		EXPECT_EQ(count, 0);
	}
}

TEST(deadline_rearmed, "a new deadline takes the old one's place",
     REQUIRES(CPU_TSC_DEADLINE))
{
	WITH_TIMER(DEADLINE) {
		u64 deadline = rdtsc() + AHEAD;

		wrmsr(MSR_TSC_DEADLINE, rdtsc() + BIT(40));
		wrmsr(MSR_TSC_DEADLINE, deadline);
		EXPECT_TAKEN(&count, 1);
		EXPECT(fired_at >= deadline);
	}
}

TEST(deadline_masked, "a deadline that passes while masked is no interrupt then",
     REQUIRES(CPU_TSC_DEADLINE))
{
	WITH_TIMER(DEADLINE | APIC_LVT_MASKED) {
		wrmsr(MSR_TSC_DEADLINE, 1);
		irq_let_in();
		EXPECT_EQ(count, 0);
		/* Whether it stays armed is the CPU's choice. */
		wrmsr(MSR_TSC_DEADLINE, 0);
		apic_write(APIC_LVT_TIMER, DEADLINE | VECTOR);
		irq_let_in();
		EXPECT_EQ(count, 0);
	}
}

TEST(deadline_absent, "without the CPUID bit there is no such mode",
     LACKS(CPU_TSC_DEADLINE))
{
	EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_TSC_DEADLINE, NULL));
	WITH_TIMER(APIC_LVT_MASKED) {
		apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | DEADLINE | VECTOR);
		EXPECT_EQ(apic_read(APIC_LVT_TIMER) & DEADLINE, 0);
	}
}
