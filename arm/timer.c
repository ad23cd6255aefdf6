/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generic timer: DDI 0487, D11.2; DDI 0406, B8.1.  A timer's condition is met when
 * its counter has reached CVAL; ISTATUS says so, and the interrupt is signalled as long
 * as it is so and IMASK is 0.  At EL2 with VHE, these are EL2's own timers.
 */
#include <errata.h>
#include <exception.h>
#include <gic.h>
#include <insn.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <timer.h>

#define MS(n)		((u64)clock_khz() * (n))
#define PATIENCE	MS(5000)	/* until something that must come is missed */

static const struct timer *t;
static unsigned int intid;
static volatile u32 taken;
static bool rearm;

static bool timer_use(enum timer_kind kind)
{
	t = timer_get(kind);
	intid = timer_intid(kind);
	if (!intid) {
		skip("the device tree has no interrupt for the %s timer of EL%u",
		     t->name, current_el());
		return false;
	}
	/* KVM before 4.11 gave guests no physical timer, and an exception here. */
	if (kind == TIMER_PHYSICAL && !erratum_fixed("7b6b46311a85")) {
		unsigned long value;

		if (TRY_OUT(INSN_READ_CNTP_CTL, OUT("=r"(value))).raised) {
			skip("no access to the physical timer");
			return false;
		}
	}
	t->set_ctl(0);
	return true;
}

/* A level: it is there again unless its cause goes. */
static void on_timer(void *arg)
{
	(void)arg;
	taken++;
	if (!rearm || taken >= 3)
		t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
}

static void timer_off(struct scope *scope)
{
	(void)scope;
	irq_disable();
	t->set_ctl(0);
}

struct timer_scope {
	struct scope scope;
};

static void timer_enter(struct timer_scope *s)
{
	taken = 0;
	rearm = false;
	scope_enter(&s->scope, timer_off);
}

/* The timer's interrupt goes to on_timer(); the timer is off afterwards. */
#define WITH_TIMER()							\
	SCOPE(timer_scope, timer_enter) WITH_IRQ(intid, on_timer, NULL)

static bool wait_for(bool (*condition)(void))
{
	u64 begin = clock_ticks();

	while (!condition())
		if (clock_ticks() - begin > PATIENCE)
			return false;
	return true;
}

static bool is_taken(void)
{
	return taken;
}

static bool is_pending(void)
{
	return gic_line_is_pending(intid);
}

static bool is_not_pending(void)
{
	return !gic_line_is_pending(intid);
}

static bool istatus(void)
{
	return t->ctl() & TIMER_ISTATUS;
}

static void check_registers(void)
{
	u64 now, value;

	t->set_cval(0x123456789abcdef0);
	EXPECT_EQ(t->cval(), 0x123456789abcdef0);
	/* D11.2.4: TVAL is a signed view of CVAL; 32 bits of it. */
	now = t->count();
	t->set_tval(1000000);
	value = t->cval() - 1000000;
	EXPECT(value >= now);
	EXPECT(value <= t->count());
	now = t->count();
	t->set_tval((u32)-1000000);
	value = t->cval() + 1000000;
	EXPECT(value >= now);
	EXPECT(value <= t->count());
	EXPECT((int32_t)t->tval() <= -1000000);
	/* ISTATUS is read-only. */
	t->set_ctl(TIMER_IMASK | TIMER_ISTATUS);
	EXPECT_EQ(t->ctl() & (TIMER_ENABLE | TIMER_IMASK), TIMER_IMASK);
}

static void check_condition_met(void)
{
	u64 cval, begin;

	t->set_cval(t->count() + MS(10000));
	t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	EXPECT(!istatus());
	t->set_cval(0);
	EXPECT(istatus());
	/* Not early: when ISTATUS is first seen, the counter has reached CVAL. */
	cval = t->count() + MS(10);
	t->set_cval(cval);
	begin = t->count();
	while (!istatus() && t->count() - begin < PATIENCE)
		;
	EXPECT(istatus());
	EXPECT(t->count() >= cval);
	t->set_ctl(0);
}

static void check_interrupt(void)
{
	u64 cval;

	WITH_TIMER() {
		cval = t->count() + MS(10);
		t->set_cval(cval);
		t->set_ctl(TIMER_ENABLE);
		irq_enable();
		EXPECT(wait_for(is_taken));
		irq_disable();
		EXPECT(t->count() >= cval);
		EXPECT_EQ(taken, 1);
		METRIC("interrupt after its time", t->count() - cval, "ticks");
	}
	WITH_TIMER() {
		/* Nothing takes the cause away: it comes again after each EOI. */
		rearm = true;
		t->set_cval(0);
		t->set_ctl(TIMER_ENABLE);
		irq_enable();
		delay_us(1000);
		irq_disable();
		EXPECT_EQ(taken, 3);
	}
}

static void check_line(void)
{
	WITH_TIMER() {
		gic_line_disable(intid);
		irq_enable();
		t->set_cval(t->count() + MS(10000));
		t->set_ctl(TIMER_ENABLE);
		EXPECT(!istatus());
		EXPECT(wait_for(is_not_pending));
		EXPECT(!gic_line_is_active(intid));
		t->set_cval(0);
		EXPECT(istatus());
		EXPECT(wait_for(is_pending));
		t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
		EXPECT(istatus());
		EXPECT(wait_for(is_not_pending));
		t->set_ctl(TIMER_ENABLE);
		EXPECT(wait_for(is_pending));
		t->set_ctl(0);
		EXPECT(wait_for(is_not_pending));
		EXPECT_EQ(taken, 0);
		irq_disable();
	}
}

static void check_wfi(void)
{
	WITH_TIMER() {
		t->set_tval(MS(10));
		t->set_ctl(TIMER_ENABLE);
		/* Pending is enough to end WFI (D1.6.2): none is lost in between. */
		asm volatile("wfi" : : : "memory");
		EXPECT((int32_t)t->tval() <= 0);
		EXPECT(istatus());
		irq_window();
		EXPECT(wait_for(is_taken));
		EXPECT_EQ(taken, 1);
	}
}

static void check_timer(enum timer_kind kind)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
		{ "registers", check_registers }, { "condition", check_condition_met },
		{ "interrupt", check_interrupt }, { "line", check_line },
		{ "wfi", check_wfi },
	};

	for_each(part, parts) SUBTEST("%s", part->name)
		if (timer_use(kind))
			part->run();
}

TEST(vtimer, "the virtual timer", DEVICE(DEVICE_GIC))
{
	check_timer(TIMER_VIRTUAL);
}

TEST(ptimer, "the physical timer", DEVICE(DEVICE_GIC))
{
	check_timer(TIMER_PHYSICAL);
}

/*
 * CVAL is compared without a sign.  Apart from the rest: QEMU that emulates EL2 hangs with
 * the virtual timer of a hypervisor's guest (CNTVOFF is not 0).
 */
TEST(furthest, "the furthest CVAL is not reached", DEVICE(DEVICE_GIC))
{
	static const u64 far[] = { 1ull << 62, 1ull << 63, ~0ull - 1, ~0ull };

	for (u32 kind = 0; kind < TIMERS; kind++)
		SUBTEST("%s", timer_get(kind)->name) {
			if (!timer_use(kind))
				break;
			t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
			for_each(cval, far) {
				t->set_cval(*cval);
				EXPECT(!istatus());
			}
			t->set_ctl(0);
		}
}

TEST(counters, "counters never go back, and their distance stays the same")
{
	const struct timer *v = timer_get(TIMER_VIRTUAL), *p = timer_get(TIMER_PHYSICAL);
	u64 last = v->count();

	for (u32 i = 0; i < 1000; i++) {
		u64 before = p->count(), now = v->count(), after = p->count();
		static u64 least, most;

		REQUIRE(now >= last);
		REQUIRE(after >= before);
		last = now;
		/* CNTVCT = CNTPCT - CNTVOFF, and that does not change. */
		if (!i) {
			least = before - now;
			most = after - now;
		}
		REQUIRE((int64_t)(after - now - least) >= 0);
		REQUIRE((int64_t)(most - (before - now)) >= 0);
		least = (int64_t)(before - now - least) > 0 ? before - now : least;
		most = (int64_t)(most - (after - now)) > 0 ? after - now : most;
	}
	EXPECT(clock_khz() >= 1000);
}

static u64 there;

static void count_there(void *arg)
{
	(void)arg;
	there = clock_ticks();
}

TEST(counter_everywhere, "CPUs have one and the same counter", CPUS(2))
{
	for (u32 i = 0; i < 100; i++) {
		u64 before = clock_ticks();

		on_cpu(1 + i % (cpu_count() - 1), count_there, NULL);
		REQUIRE(there >= before);
		REQUIRE(clock_ticks() >= there);
	}
	EXPECT(true);
}
