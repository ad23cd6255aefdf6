/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synthetic timers (TLFS, "Timers"): four a CPU, one-shot at a reference time or
 * periodic, armed by ENABLE or, with AUTO_ENABLE, by a write of COUNT.  They tell of it
 * by a message in a SINT's slot or, in direct mode, by an interrupt of the local APIC.
 *
 * Without an argument six TESTs run, with "direct" four: who runs this image by itself
 * counts its result lines.
 */
#include <apic.h>
#include <clock.h>
#include <exception.h>
#include <hyperv.h>
#include <irq.h>
#include <smp.h>

ARGUMENTS("[direct]");

#define VECTOR		0xb1
#define VECTOR_AUTO	0xb2		/* of the SINT that has no EOI */
#define SINT		8
#define SINT_AUTO	9
#define TIMER		0
#define PERIOD		HV_TICKS_PER_MS
#define FIRINGS		20

static struct timer {
	volatile u32 fired;
	u64 first, last;		/* reference time of the interrupts */
	u32 wrong;			/* messages that are not such a timer's */
	u32 early;			/* expired before the last, or its time */
	u64 expired;			/* as the last message says */
	bool keep;			/* leave the message where it is */
} timers[IRQ_CPUS];

static bool direct(void)
{
	return argument(0) && !strcmp(argument(0), "direct");
}

static u64 now(void)
{
	return rdmsr(MSR_HV_TIME_REF_COUNT);
}

/* TLFS, HV_TIMER_MESSAGE_PAYLOAD: index, then times of expiry and of delivery. */
static void message_take(struct timer *t, volatile struct hv_message *slot)
{
	u64 expired = slot->payload[1], delivered = slot->payload[2];

	t->wrong += slot->type != HV_MESSAGE_TIMER || slot->size < 24 ||
		(u32)slot->payload[0] != TIMER;
	t->early += delivered < expired || expired <= t->expired || now() < delivered;
	t->expired = expired;
	if (t->keep)
		return;
	slot->type = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (slot->flags & HV_MESSAGE_PENDING)
		wrmsr(MSR_HV_EOM, 0);
}

static void on_timer(void *arg)
{
	struct timer *t = &timers[cpu_index()];
	struct hv_cpu *cpu = hv_cpu(cpu_index());

	t->last = now();
	if (!t->fired)
		t->first = t->last;
	if (direct())
		for (unsigned int sint = 0; sint < HV_SINTS; sint++)
			t->wrong += cpu->messages[sint].type != 0;
	else
		message_take(t, &cpu->messages[(uintptr_t)arg]);
	t->fired++;
}

static void config(u64 bits, unsigned int sint)
{
	wrmsr(MSR_HV_STIMER_CONFIG(TIMER), bits | (direct() ?
	      HV_STIMER_DIRECT_MODE | HV_STIMER_VECTOR(VECTOR) : HV_STIMER_SINT(sint)));
}

static void stop(void)
{
	wrmsr(MSR_HV_STIMER_CONFIG(TIMER), 0);
	wrmsr(MSR_HV_STIMER_COUNT(TIMER), 0);
}

static struct timer *start(void)
{
	struct timer *t = &timers[cpu_index()];

	*t = (struct timer){ 0 };
	stop();
	wrmsr(MSR_HV_SINT(SINT), VECTOR);
	wrmsr(MSR_HV_SINT(SINT_AUTO), VECTOR_AUTO | HV_SINT_AUTO_EOI);
	return t;
}

static void expect_periods(struct timer *t, u64 begin)
{
	EXPECT(irq_wait(&t->fired, FIRINGS));
	stop();
	irq_let_in();
	EXPECT(t->fired >= FIRINGS);
	EXPECT_EQ(t->wrong, 0);
	EXPECT_EQ(t->early, 0);
	EXPECT(t->first - begin >= PERIOD);
	/* Late ones may come close together, but none before its time. */
	EXPECT(t->last - begin >= (u64)FIRINGS * PERIOD);
	EXPECT_EQ(rdmsr(MSR_HV_STIMER_CONFIG(TIMER)), 0);
}

static void periodic_on(void *sint)
{
	struct timer *t = start();
	u64 begin = now();

	wrmsr(MSR_HV_STIMER_COUNT(TIMER), PERIOD);
	config(HV_STIMER_PERIODIC | HV_STIMER_ENABLE, (uintptr_t)sint);
	expect_periods(t, begin);
}

static void auto_periodic_on(void *sint)
{
	struct timer *t = start();
	u64 begin;

	config(HV_STIMER_PERIODIC | HV_STIMER_AUTO_ENABLE, (uintptr_t)sint);
	EXPECT(!(rdmsr(MSR_HV_STIMER_CONFIG(TIMER)) & HV_STIMER_ENABLE));
	begin = now();
	wrmsr(MSR_HV_STIMER_COUNT(TIMER), PERIOD);
	EXPECT(rdmsr(MSR_HV_STIMER_CONFIG(TIMER)) & HV_STIMER_ENABLE);
	expect_periods(t, begin);
}

static void expect_once(struct timer *t, u64 when)
{
	EXPECT(irq_wait(&t->fired, 1));
	EXPECT_EQ(t->fired, 1);
	EXPECT_EQ(t->wrong, 0);
	EXPECT_EQ(t->early, 0);
	EXPECT(t->first >= when);
	if (!direct())
		EXPECT_EQ(t->expired, when);
	EXPECT(!(rdmsr(MSR_HV_STIMER_CONFIG(TIMER)) & HV_STIMER_ENABLE));
	/* And no other in the time of another. */
	delay_us(2000);
	irq_let_in();
	EXPECT_EQ(t->fired, 1);
	stop();
}

static void once_on(void *sint)
{
	struct timer *t = start();
	u64 when = now() + PERIOD;

	wrmsr(MSR_HV_STIMER_COUNT(TIMER), when);
	config(HV_STIMER_ENABLE, (uintptr_t)sint);
	expect_once(t, when);
}

static void auto_once_on(void *sint)
{
	struct timer *t = start();
	u64 when;

	config(HV_STIMER_AUTO_ENABLE, (uintptr_t)sint);
	when = now() + PERIOD;
	EXPECT_EQ(t->fired, 0);
	wrmsr(MSR_HV_STIMER_COUNT(TIMER), when);
	expect_once(t, when);
}

static void busy_on(void *sint)
{
	volatile struct hv_message *slot = &hv_cpu(cpu_index())->messages[(uintptr_t)sint];
	struct timer *t = start();
	u64 end = rdtsc() + START_TICKS / 4;

	slot->type = 1;
	wrmsr(MSR_HV_STIMER_COUNT(TIMER), now() + PERIOD);
	config(HV_STIMER_ENABLE, (uintptr_t)sint);
	while (!(slot->flags & HV_MESSAGE_PENDING) && rdtsc() < end)
		irq_exit();
	EXPECT(slot->flags & HV_MESSAGE_PENDING);
	irq_let_in();
	EXPECT_EQ(t->fired, 0);
	EXPECT_EQ(slot->type, 1);
	slot->type = 0;
	wrmsr(MSR_HV_EOM, 0);
	EXPECT(irq_wait(&t->fired, 1));
	EXPECT_EQ(t->fired, 1);
	EXPECT_EQ(t->wrong, 0);
	stop();
}

struct timer_scope {
	struct scope scope;
};

static void timer_leave(struct scope *scope)
{
	(void)scope;
	irq_set(VECTOR, (struct irq){ .fn = NULL });
	irq_set(VECTOR_AUTO, (struct irq){ .fn = NULL });
}

static void timer_enter(struct timer_scope *scope)
{
	irq_set(VECTOR, (struct irq){ on_timer, (void *)SINT, .no_eoi = false });
	irq_set(VECTOR_AUTO, (struct irq){ on_timer, (void *)SINT_AUTO, .no_eoi = true });
	scope_enter(&scope->scope, timer_leave);
}

/* On one CPU after the other: what fires on one must not need another. */
static void on_each(void (*fn)(void *sint), uintptr_t sint)
{
	if (!hyperv_has(HV_STIMER) || !hyperv_has(HV_SYNIC) ||
	    !hyperv_has(HV_TIME_REF_COUNT))
		return skip("no synthetic timers");
	if (direct() && !hyperv_has(HV_STIMER_DIRECT))
		return skip("no direct mode");
	REQUIRE(cpu_count() <= IRQ_CPUS);
	WITH_SYNIC() SCOPE(timer_scope, timer_enter)
		for (unsigned int cpu = 0; cpu < cpu_count(); cpu++)
			on_cpu(cpu, fn, (void *)sint);
}

TEST(periodic, "a periodic timer fires again and again, never early")
{
	on_each(periodic_on, SINT);
}

TEST(periodic_auto_eoi, "a periodic timer of a SINT without EOI fires again and again")
{
	if (direct())
		return skip("direct mode has no SINT");
	on_each(periodic_on, SINT_AUTO);
}

TEST(once, "a one-shot timer fires once, at its time")
{
	on_each(once_on, SINT);
}

TEST(auto_once, "with AUTO_ENABLE a write of COUNT arms it")
{
	on_each(auto_once_on, SINT);
}

TEST(auto_periodic, "with AUTO_ENABLE a write of COUNT arms a periodic one")
{
	on_each(auto_periodic_on, SINT);
}

TEST(busy, "while the slot is taken a timer's message waits for it to be free")
{
	if (direct())
		return skip("direct mode has no messages");
	on_each(busy_on, SINT);
}
