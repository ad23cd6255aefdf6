/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The HPET's main counter (IA-PC HPET specification 1.0a, "Memory Map", "General
 * Capabilities", "Main Counter Value"), read by all CPUs at once.
 */
#include <asm/cpu.h>
#include <clock.h>
#include <smp.h>
#include <test.h>

#define HPET		0xfed00000u
#define CAPABILITIES	0x000
#define CONFIGURATION	0x010
#define COUNTER		0x0f0
#define ENABLE		BIT(0)
#define PERIOD_MAX	0x05f5e100u	/* 100 ns, in femtoseconds */
#define READS		1000

ARGUMENTS("[reads of each CPU]");

static volatile u32 *hpet(u32 reg)
{
	return (volatile u32 *)(uintptr_t)(HPET + reg);
}

/* Of its lower half; the upper one is another's at that time. */
static u32 counter(void)
{
	return *hpet(COUNTER);
}

static bool present(void)
{
	u32 capabilities = *hpet(CAPABILITIES);

	if (!capabilities || capabilities == 0xffffffff)
		return skip("no HPET"), false;
	return true;
}

struct hpet_scope {
	struct scope scope;
	u32 old;
};

static void hpet_leave(struct scope *scope)
{
	*hpet(CONFIGURATION) = ((struct hpet_scope *)scope)->old;
}

static void hpet_enter(struct hpet_scope *s, u32 enable)
{
	s->old = *hpet(CONFIGURATION);
	scope_enter(&s->scope, hpet_leave);
	*hpet(CONFIGURATION) = (s->old & ~(u32)ENABLE) | enable;
}

#define WITH_HPET(enable)	SCOPE(hpet_scope, hpet_enter, enable)

TEST(capabilities, "a revision, three timers or more, and a period of 100 ns at most")
{
	u32 low, period;

	if (!present())
		return;
	low = *hpet(CAPABILITIES);
	period = *hpet(CAPABILITIES + 4);
	EXPECT(low & 0xff);
	EXPECT((low >> 8 & 0x1f) + 1 >= 3);
	EXPECT(period && period <= PERIOD_MAX);
	/* Read-only. */
	*hpet(CAPABILITIES + 4) = ~period;
	EXPECT_EQ(*hpet(CAPABILITIES + 4), period);
}

TEST(halted, "halted, the counter stands still, and can be written")
{
	if (!present())
		return;
	WITH_HPET(0) {
		u32 low = counter();

		delay_us(100);
		EXPECT_EQ(counter(), low);
		*hpet(COUNTER) = 0x12345678;
		*hpet(COUNTER + 4) = 0;
		delay_us(100);
		EXPECT_EQ(*hpet(COUNTER), 0x12345678);
		EXPECT_EQ(*hpet(COUNTER + 4), 0);
		*hpet(CONFIGURATION) |= ENABLE;
		delay_us(100);
		/* For so long a time it runs that it was not less. */
		EXPECT(counter() - 0x12345678 >= 1000000000 / PERIOD_MAX * 5);
	}
}

TEST(carry, "the counter carries from its lower half into the upper one")
{
	if (!present())
		return;
	if (!(*hpet(CAPABILITIES) & BIT(13)))
		return skip("a counter of 32 bits");
	WITH_HPET(0) {
		*hpet(COUNTER) = 0xffffffff;
		*hpet(COUNTER + 4) = 7;
		*hpet(CONFIGURATION) |= ENABLE;
		delay_us(100);
		*hpet(CONFIGURATION) &= ~(u32)ENABLE;
		EXPECT_EQ(*hpet(COUNTER + 4), 8);
	}
}

static u64 reads;
static u32 latest, backwards;
static u64 cycles;

/* Another CPU has seen @before: what is read now cannot be less. */
static void read_all(void *arg)
{
	u64 begin = rdtsc();

	(void)arg;
	for (u64 n = 0; n < reads; n++) {
		u32 before = __atomic_load_n(&latest, __ATOMIC_ACQUIRE);
		u32 now = counter();

		if (now - before > 0x7fffffff)
			atomic_add(&backwards, 1);
		else
			__atomic_compare_exchange_n(&latest, &before, now, false,
						    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
	}
	if (!cpu_index())
		cycles = rdtsc() - begin;
}

static void read_or_toggle(void *arg)
{
	if (cpu_index() != 1) {
		read_all(arg);
		return;
	}
	for (u64 n = 0; n < reads / 4; n++)
		*hpet(CONFIGURATION) ^= ENABLE;
}

static bool reads_argument(void)
{
	reads = READS;
	if (argument(0) && (!parse_number(argument(0), 0, &reads) || !reads))
		return error("not a number of reads: %s", argument(0)), false;
	return true;
}

TEST(reads, "no CPU sees it go backwards", CPUS(2))
{
	if (!present() || !reads_argument())
		return;
	smp_start();
	WITH_HPET(ENABLE) {
		latest = counter();
		backwards = 0;
		on_cpus(read_all, NULL);
		EXPECT_EQ(backwards, 0);
		METRIC("hpet_read", (u32)cycles / (u32)reads, "cycles");
	}
}

TEST(toggled, "no CPU sees it go backwards while another one halts it and lets it go on",
     CPUS(3))
{
	if (!present() || !reads_argument())
		return;
	smp_start();
	WITH_HPET(ENABLE) {
		latest = counter();
		backwards = 0;
		on_cpus(read_or_toggle, NULL);
		EXPECT_EQ(backwards, 0);
	}
}
