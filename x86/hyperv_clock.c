/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's reference time (TLFS, "Timers", "Partition Reference Counter" and "Partition
 * Reference TSC Mechanism"): ticks of 100 ns by an MSR, or without an exit from a page,
 *
 *	(TSC * scale >> 64) + offset
 */
#include <clock.h>
#include <hyperv.h>
#include <insn.h>
#include <memory.h>
#include <scope.h>
#include <smp.h>

ONLY_ON(x86_64);

#define SEQUENCE_INVALID	0u
#define SEQUENCE_NEVER		0xffffffffu
#define TICKS_PER_S		10000000ull
#define WINDOW_US		20000
#define MAX_READINGS		1000

static volatile struct {
	u32 sequence, reserved;
	u64 scale, offset;
} *page;

static u64 by_msr(void)
{
	return rdmsr(MSR_HV_TIME_REF_COUNT);
}

static u64 by_page(void)
{
	u32 sequence;
	u64 ticks;

	do {
		sequence = page->sequence;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		ticks = ((unsigned __int128)rdtsc() * page->scale >> 64) + page->offset;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (page->sequence != sequence);
	return ticks;
}

static bool page_is_valid(void)
{
	return page->sequence != SEQUENCE_INVALID && page->sequence != SEQUENCE_NEVER;
}

#define WITH_PAGE()							\
	WITH_MSR(MSR_HV_GUEST_OS, 0x8100ull << 48)			\
	WITH_MSR(MSR_HV_REFERENCE_TSC, (uintptr_t)page | HV_ENABLE)

static bool absent(void)
{
	if (!hyperv_has(HV_TIME_REF_COUNT))
		return skip("no reference time"), true;
	if (!hyperv_has(HV_REFERENCE_TSC))
		return skip("no reference TSC page"), true;
	page = pages_alloc_zeroed(1);
	return false;
}

TEST(registers, "the MSR of the page reads back, and off; the counter is read-only")
{
	if (absent())
		return;
	WITH_PAGE()
		EXPECT_EQ(rdmsr(MSR_HV_REFERENCE_TSC), (uintptr_t)page | HV_ENABLE);
	wrmsr(MSR_HV_REFERENCE_TSC, 0);
	EXPECT_EQ(rdmsr(MSR_HV_REFERENCE_TSC), 0);
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_HV_TIME_REF_COUNT, 0));
}

static void follow(void *arg)
{
	u64 end = rdtsc() + clock_us_to_ticks(WINDOW_US), last = 0;
	u32 back = 0;

	(void)arg;
	for (unsigned int i = 0; i < MAX_READINGS && rdtsc() < end; i++) {
		u64 first = by_page(), between = by_msr(), second = by_page();

		/* Of either form: a tick may begin between its two roundings. */
		back += first < last || between + 1 < first || second + 1 < between;
		last = second;
	}
	EXPECT_EQ(back, 0);
}

TEST(order, "page, MSR and page again are in order on every CPU")
{
	if (absent())
		return;
	WITH_PAGE() {
		if (!page_is_valid())
			return skip("the host's TSC is not stable: the page is not valid");
		on_cpus(follow, NULL);
	}
}

static void read_page(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < MAX_READINGS; i++)
		by_page();
}

TEST(rate, "a second has 10 million ticks")
{
	u64 before, after, ticks, tsc;

	if (absent())
		return;
	/* A tick of the TSC more or less at each end, and 1/500 of the host's slewing. */
	before = by_msr();
	tsc = rdtsc();
	delay_us(WINDOW_US);
	tsc = rdtsc() - tsc;
	after = by_msr();
	ticks = tsc * (TICKS_PER_S / 1000) / clock_khz();
	EXPECT(after - before + ticks / 500 + 2 >= ticks);
	WITH_PAGE() {
		u64 begin = rdtsc();

		if (!page_is_valid())
			return;
		user_call(read_page, NULL, 0);
		METRIC("page", (rdtsc() - begin) / MAX_READINGS, "cycles");
		ticks = (unsigned __int128)clock_khz() * 1000 * page->scale >> 64;
		EXPECT(ticks > TICKS_PER_S - TICKS_PER_S / 500);
		EXPECT(ticks < TICKS_PER_S + TICKS_PER_S / 500);
	}
}
