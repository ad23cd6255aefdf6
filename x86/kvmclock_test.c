/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's clock (KVM's msr.rst, MSR_KVM_SYSTEM_TIME_NEW and MSR_KVM_WALL_CLOCK_NEW;
 * timekeeping.rst).
 *
 * Each CPU shares a structure with KVM that tells a time and the TSC's value at it,
 * and what a tick is worth; the time now is
 *
 *	time + ((TSC - tsc) << shift) * factor / 2^32	ns since the machine's start
 *
 * The wall clock is the date at time 0.  Where flag STABLE is set, the time is one for
 * all CPUs.
 */
#include <acpi.h>
#include <asm/page.h>
#include <clock.h>
#include <insn.h>
#include <kvm.h>
#include <memory.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>

ARGUMENTS("[loops a CPU [date in seconds [seconds it may be off by]]]");

#define LOOPS		2000
#define LOOPS_US	100000		/* whatever the loops, no longer than this */
#define THRESHOLD	5
#define NS_PER_S	1000000000ull
#define DELAY_PORT	0x80
#define EXITS		5		/* exits, at each of which KVM may write */

static const struct {
	const char *name;
	unsigned int feature;
	u32 system, wall;
} msrs[] = {
	{ "new MSRs", CPU_KVM_CLOCKSOURCE2, MSR_KVM_SYSTEM_TIME, MSR_KVM_WALL_CLOCK },
	{ "old MSRs", CPU_KVM_CLOCKSOURCE, MSR_KVM_SYSTEM_TIME_OLD,
	  MSR_KVM_WALL_CLOCK_OLD },
};

static struct kvm_clock *clocks;	/* by CPU */

static u64 number(unsigned int n, u64 otherwise)
{
	u64 value = otherwise;

	if (argument(n) && !parse_number(argument(n), 0, &value))
		error("not a number: %s", argument(n));
	return value;
}

static void clock_on(void *arg)
{
	(void)arg;
	wrmsr(MSR_KVM_SYSTEM_TIME, (uintptr_t)&clocks[cpu_index()] | KVM_MSR_ENABLED);
}

static void clock_off(void *arg)
{
	(void)arg;
	wrmsr(MSR_KVM_SYSTEM_TIME, 0);
}

struct clock_scope {
	struct scope scope;
};

static void clocks_leave(struct scope *scope)
{
	(void)scope;
	on_cpus(clock_off, NULL);
}

static void clocks_enter(struct clock_scope *scope)
{
	clocks = pages_alloc_zeroed(ALIGN_UP(cpu_count() * sizeof(*clocks), PAGE_SIZE) /
				    PAGE_SIZE);
	on_cpus(clock_on, NULL);
	scope_enter(&scope->scope, clocks_leave);
}

#define WITH_CLOCKS()	SCOPE(clock_scope, clocks_enter)

static void exits(void)
{
	for (unsigned int i = 0; i < EXITS; i++)
		in8(DELAY_PORT);
}

static struct kvm_clock none;

static bool untouched(const struct kvm_clock *clock)
{
	return !memcmp(clock, &none, sizeof(none));
}

TEST(shared, "the MSR says where KVM writes, and whether", DEVICE(DEVICE_KVM))
{
	struct kvm_clock *first = pages_alloc_zeroed(1), *second = first + 1;

	for_each(row, msrs) SUBTEST("%s", row->name) {
		u64 at = (uintptr_t)first | KVM_MSR_ENABLED;

		if (!cpu_has(row->feature)) {
			skip("no such clock");
			continue;
		}
		*first = *second = none;
		WITH_MSR(row->system, (uintptr_t)first) {
			exits();
			EXPECT(untouched(first));
			wrmsr(row->system, at);
			EXPECT_EQ(rdmsr(row->system), at);
			exits();
			EXPECT(first->version && !(first->version & 1));
			EXPECT(first->factor && first->time);
			EXPECT(!(first->flags & ~(KVM_CLOCK_STABLE | KVM_CLOCK_STOPPED)));
			wrmsr(row->system, (uintptr_t)second | KVM_MSR_ENABLED);
			*first = none;
			exits();
			EXPECT(untouched(first));
			EXPECT(second->factor);
			wrmsr(row->system, 0);
			*second = none;
			exits();
			EXPECT(untouched(second));
			EXPECT_EQ(rdmsr(row->system), 0);
		}
	}
}

TEST(beside, "KVM writes 32 bytes and no more", REQUIRES(CPU_KVM_CLOCKSOURCE2))
{
	u8 *page = pages_alloc(1);
	struct kvm_clock *clock = (void *)(page + 64);
	unsigned int changed = 0;

	memset(page, 0x5a, 192);
	WITH_MSR(MSR_KVM_SYSTEM_TIME, (uintptr_t)clock | KVM_MSR_ENABLED)
		exits();
	EXPECT_EQ(clock->version & 1, 0);
	for (unsigned int i = 0; i < 64; i++)
		changed += page[i] != 0x5a;
	for (unsigned int i = 64 + sizeof(*clock); i < 192; i++)
		changed += page[i] != 0x5a;
	EXPECT_EQ(changed, 0);
}

struct reading {
	const volatile struct kvm_clock *clock;
	u64 loops, done, back;
};

/* A hypervisor that executes kernel code by an emulator takes this part as it is. */
static void read_on(void *arg)
{
	struct reading *r = arg;
	u64 end = rdtsc() + clock_us_to_ticks(LOOPS_US), last = 0, now;

	for (r->done = 0; r->done < r->loops && rdtsc() < end; r->done++) {
		now = kvm_clock_read(r->clock);
		r->back += now < last;
		last = now;
	}
}

TEST(forward, "time does not go back on a CPU", REQUIRES(CPU_KVM_CLOCKSOURCE2))
{
	struct reading r = { .loops = number(0, LOOPS) };

	WITH_CLOCKS() {
		u64 begin, begin_tsc, end;

		r.clock = &clocks[0];
		/* KVM writes at exits: between them time is the TSC's. */
		begin = kvm_clock_read(r.clock);
		for (unsigned int i = 0; i < 20; i++) {
			in8(DELAY_PORT);
			end = kvm_clock_read(r.clock);
			EXPECT(end >= begin);
			begin = end;
		}
		begin_tsc = rdtsc();
		user_call(read_on, &r, 0);
		REQUIRE(r.done > 0);
		EXPECT_EQ(r.back, 0);
		METRIC("reading", (u32)(rdtsc() - begin_tsc) / (u32)r.done, "cycles");
	}
}

/* Both clocks are the host's; it may slew one of them by 500 ppm, and more at a leap. */
#define PM_HZ		3579545u
#define PM_BITS		24
#define SLEW		500		/* 1/SLEW */
#define PM_EDGE		4ull		/* ticks */
#define WINDOW_US	30000

struct point {
	u64 before, after;	/* ns */
	u32 ticks;
};

static struct point point(u16 port)
{
	struct point p = { .before = kvm_clock_read(&clocks[0]) };

	p.ticks = in32(port);
	p.after = kvm_clock_read(&clocks[0]);
	return p;
}

TEST(rate, "a second of it is a second of the PM timer", DEVICE(DEVICE_PM_TIMER),
     REQUIRES(CPU_KVM_CLOCKSOURCE2))
{
	u16 port = acpi_field32(acpi_table("FACP"), ACPI_FADT_PM_TIMER);

	WITH_CLOCKS() {
		struct point first, second;
		u64 ticks;

		/* Once more if the host stood still, and the timer wrapped. */
		do {
			first = point(port);
			delay_us(WINDOW_US);
			second = point(port);
		} while (second.after - first.before > 4 * NS_PER_S);
		ticks = (second.ticks - first.ticks) & (BIT(PM_BITS) - 1);
		/* ticks / PM_HZ and ns / NS_PER_S, without a division. */
		EXPECT((ticks + PM_EDGE) * NS_PER_S * (SLEW + 1) >=
		       (second.before - first.after) * PM_HZ * SLEW);
		EXPECT(ticks * NS_PER_S * SLEW <= PM_EDGE * NS_PER_S * SLEW +
		       (second.after - first.before) * PM_HZ * (SLEW + 1));
	}
}

TEST(frequency, "a tick of the TSC is worth what the TSC's frequency says",
     DEVICE(TESTDEV_STATE), REQUIRES(CPU_KVM_CLOCKSOURCE2))
{
	WITH_CLOCKS() {
		struct kvm_clock clock = kvm_clock_take(&clocks[0]);
		u64 ns;

		clock.time = clock.tsc = 0;
		/* The ticks of a second. */
		ns = kvm_clock_ns(&clock, clock_khz() * 1000ull);
		EXPECT(ns > NS_PER_S - NS_PER_S / 1000);
		EXPECT(ns < NS_PER_S + NS_PER_S / 1000);
	}
}

static struct {
	struct spinlock lock;
	u64 loops, last, corrected, warps, readings;
	u32 unstable;
} turns;

static void take_turns(void *arg)
{
	const volatile struct kvm_clock *clock = &clocks[cpu_index()];
	u64 end = rdtsc() + clock_us_to_ticks(LOOPS_US);

	(void)arg;
	for (u64 i = 0; i < turns.loops && rdtsc() < end; i++) {
		u64 now;

		spin_lock(&turns.lock);
		now = kvm_clock_read(clock);
		turns.warps += now < turns.last;
		turns.last = now;
		turns.readings++;
		spin_unlock(&turns.lock);
	}
	if (!(kvm_clock_take(clock).flags & KVM_CLOCK_STABLE))
		atomic_add(&turns.unstable, 1);
}

static void take_turns_as_user(void *arg)
{
	user_call(take_turns, arg, 0);
}

TEST(stable, "STABLE: time does not go back from one CPU to the next", CPUS(2),
     REQUIRES(CPU_KVM_CLOCKSOURCE2))
{
	memset(&turns, 0, sizeof(turns));
	turns.loops = number(0, LOOPS);
	WITH_CLOCKS() {
		on_cpus(take_turns_as_user, NULL);
		METRIC("warps", turns.warps, "of all readings");
		if (turns.unstable)
			return skip("%u of the clocks do not claim to be stable",
				    turns.unstable);
		EXPECT(cpu_has(CPU_KVM_CLOCKSOURCE_STABLE));
		EXPECT(turns.readings >= cpu_count());
		EXPECT_EQ(turns.warps, 0);
	}
}

static struct kvm_wall_clock wall_take(u32 msr)
{
	static struct kvm_wall_clock wall;

	wall = (struct kvm_wall_clock){ .version = 1 };
	wrmsr(msr, (uintptr_t)&wall);
	return wall;
}

static u64 wall_ns(const struct kvm_wall_clock *wall)
{
	return wall->seconds * NS_PER_S + wall->nanoseconds;
}

TEST(wall_start, "the wall clock is the date at time 0, whenever it is asked for",
     DEVICE(DEVICE_KVM))
{
	for_each(row, msrs) SUBTEST("%s", row->name) {
		struct kvm_wall_clock first, second;
		int64_t moved;

		if (!cpu_has(row->feature)) {
			skip("no such clock");
			continue;
		}
		first = wall_take(row->wall);
		EXPECT(first.version && !(first.version & 1));
		EXPECT(first.nanoseconds < NS_PER_S);
		delay_us(WINDOW_US);
		second = wall_take(row->wall);
		moved = wall_ns(&second) - wall_ns(&first);
		EXPECT(moved < WINDOW_US * 1000 / 2);
		EXPECT(moved > -(WINDOW_US * 1000 / 2));
	}
}

static u64 dates[64];		/* by CPU, in seconds */

static void read_date(void *arg)
{
	static struct spinlock one;
	struct kvm_wall_clock wall;
	u64 ns;

	(void)arg;
	spin_lock(&one);
	wall = wall_take(MSR_KVM_WALL_CLOCK);
	spin_unlock(&one);
	ns = wall.nanoseconds + kvm_clock_read(&clocks[cpu_index()]);
	dates[cpu_index()] = wall.seconds;
	/* 32-bit code has no division of 64 bits. */
	for (; ns >= NS_PER_S; ns -= NS_PER_S)
		dates[cpu_index()]++;
}

TEST(date, "wall clock and time are the date, on each CPU",
     REQUIRES(CPU_KVM_CLOCKSOURCE2))
{
	u64 today = number(1, 0), threshold = number(2, THRESHOLD);

	if (!today)
		return skip("no date was given");
	REQUIRE(cpu_count() <= ARRAY_SIZE(dates));
	WITH_CLOCKS()
		on_cpus(read_date, NULL);
	for (unsigned int cpu = 0; cpu < cpu_count(); cpu++)
		SUBTEST("CPU %u", cpu) {
			/* It was given before the machine began. */
			EXPECT(dates[cpu] + 1 >= today);
			EXPECT(dates[cpu] <= today + threshold);
		}
}

TEST(migrated, "time goes on, not back, where the machine goes on in another VM",
     DEVICE(TESTDEV_STATE), REQUIRES(CPU_KVM_CLOCKSOURCE2))
{
	WITH_CLOCKS() {
		u64 before = kvm_clock_read(&clocks[0]), after;
		u32 version = clocks[0].version;

		machine_migrate();
		exits();
		after = kvm_clock_read(&clocks[0]);
		EXPECT(after >= before);
		EXPECT(after - before < 60 * NS_PER_S);
		EXPECT(clocks[0].version != version);
	}
}
