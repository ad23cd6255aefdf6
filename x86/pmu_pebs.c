/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Precise event-based sampling with adaptive records (SDM 3B, "Processor Event Based
 * Sampling (PEBS)", "Adaptive PEBS"; SDM 4): where a counter overflows, the CPU itself
 * writes a record to a buffer in memory.  What is in it IA32_PEBS_DATA_CFG says, for
 * counters with the adaptive bit; for others it is the basic group alone.
 */
#include <memory.h>
#include <pmu.h>
#include <scope.h>

ONLY_ON(x86_64);

#define PERF_CAP_PEBS_FORMAT(caps)	((caps) >> 8 & 0xf)
#define PERF_CAP_PEBS_BASELINE		BIT(14)
#define FORMAT_ADAPTIVE			4
#define MISC_ENABLE_PEBS_UNAVAILABLE	BIT(12)
#define MSR_PEBS_ENABLE			0x3f1
#define MSR_PEBS_DATA_CFG		0x3f2
#define STATUS_BUFFER			BIT(62)
#define EVNTSEL_ADAPTIVE		BIT(34)
#define FIXED_ADAPTIVE(n)		BIT(32 + 4 * (n))
#define LOOP				10000u

#define CFG_MEMORY	1u
#define CFG_GPRS	2u
#define CFG_XMMS	4u
#define CFG_LBRS	8u
#define CFG_ALL		16u
#define LBR_ENTRY	24u

/* SDM 3B, "Layout of DS save area" in 64-bit mode. */
struct ds_area {
	u64 bts[4];
	u64 base, index, maximum, threshold;
	u64 resets[8];
	u64 fixed_resets[4];
};

struct record {
	u64 info;			/* groups in bits 47-0, bytes in bits 63-48 */
	u64 ip, counters, tsc;
};

static struct pmu pmus[PMU_SCHEMES];
static volatile struct ds_area *ds;
static volatile struct record *buffer;

static u64 capabilities(void)
{
	u64 value = 0;

	if (cpu_is_intel() && cpu_has(CPU_PDCM) && cpu_has(CPU_DS))
		try_rdmsr(MSR_PERF_CAPABILITIES, &value);
	return value;
}

static const struct pmu *pebs_pmu(void)
{
	if (PERF_CAP_PEBS_FORMAT(capabilities()) < FORMAT_ADAPTIVE)
		return skip("no adaptive PEBS"), NULL;
	if (rdmsr(MSR_MISC_ENABLE) & MISC_ENABLE_PEBS_UNAVAILABLE)
		return skip("IA32_MISC_ENABLE says that PEBS is not available"), NULL;
	if (!pmus_find(pmus) || pmus[0].version < 2)
		return skip("no performance counters"), NULL;
	ds = pages_alloc_zeroed(1);
	buffer = pages_alloc_zeroed(1);
	return &pmus[0];
}

TEST(registers, "reserved bits of PEBS's MSRs are #GP(0)")
{
	const struct pmu *pmu = pebs_pmu();

	if (!pmu)
		return;
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_PEBS_ENABLE, BIT(63)));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_DS_AREA, BIT(62)));
	WITH_MSR(MSR_DS_AREA, (uintptr_t)ds)
		EXPECT_EQ(rdmsr(MSR_DS_AREA), (uintptr_t)ds);
	if (capabilities() & PERF_CAP_PEBS_BASELINE)
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_PEBS_DATA_CFG, BIT(4)));
}

static void loop(unsigned int rounds)
{
	asm volatile("1: dec %0; jnz 1b" : "+r"(rounds) : : "cc");
}

/* An empty buffer, of which one record is more than enough. */
static void buffer_prepare(void)
{
	memset((void *)ds, 0, sizeof(*ds));
	memset((void *)buffer, 0, 4096);
	ds->base = ds->index = (uintptr_t)buffer;
	ds->maximum = ds->base + 4096;
	ds->threshold = ds->base + sizeof(*buffer);
}

/* Counter @n, or fixed counter n - counters, from @from on, over a loop. */
static void sample(const struct pmu *pmu, unsigned int n, u64 from, bool adaptive)
{
	bool fixed = n >= pmu->counters;
	unsigned int bit = fixed ? 32 + n - pmu->counters : n;

	buffer_prepare();
	wrmsr(MSR_PEBS_ENABLE, BIT(bit));
	from &= pmu_mask(fixed ? pmu->fixed_width : pmu->width);
	if (fixed) {
		if (adaptive)
			wrmsr(MSR_FIXED_CTR_CTRL, FIXED_ADAPTIVE(bit - 32));
		pmu_start_fixed(pmu, bit - 32, from, 0);
	} else {
		pmu_start(pmu, n, pmu_event(pmu, PMU_INSTRUCTIONS), from,
			  adaptive ? EVNTSEL_ADAPTIVE : 0);
	}
	loop(LOOP);
	pmu_stop(pmu);
	wrmsr(MSR_PEBS_ENABLE, 0);
}

static unsigned int size_of(u64 groups)
{
	return sizeof(struct record) + (groups & CFG_MEMORY ? 32 : 0) +
		(groups & CFG_GPRS ? 144 : 0) + (groups & CFG_XMMS ? 256 : 0) +
		(groups & CFG_LBRS ? LBR_ENTRY : 0);
}

static void expect_record(const struct pmu *pmu, unsigned int n, u64 groups)
{
	unsigned int bit = n < pmu->counters ? n : 32 + n - pmu->counters;
	const volatile u64 *lbr;

	EXPECT(rdmsr(pmu->global_status) & STATUS_BUFFER);
	wrmsr(pmu->global_clear, STATUS_BUFFER | BIT(bit));
	EXPECT_EQ(rdmsr(pmu->global_status) & STATUS_BUFFER, 0);
	EXPECT(ds->index > ds->base);
	EXPECT_EQ(buffer->info & pmu_mask(48), groups);
	EXPECT_EQ(buffer->info >> 48, size_of(groups));
	EXPECT(buffer->counters & BIT(bit));
	if (!(groups & CFG_LBRS))
		return;
	/* LBR is off in the guest: an entry would be the host's. */
	lbr = (const volatile u64 *)((uintptr_t)buffer + size_of(groups) - LBR_ENTRY);
	for (unsigned int i = 0; i < LBR_ENTRY / sizeof(*lbr); i++)
		EXPECT_EQ(lbr[i], 0);
}

static const u64 starts[] = { -16ull, -2ull, -1ull };

static unsigned int sampled(const struct pmu *pmu)
{
	/* Fixed counters sample with the extension that comes with the baseline. */
	return pmu->counters + (capabilities() & PERF_CAP_PEBS_BASELINE ? pmu->fixed : 0);
}

TEST(none, "a counter that does not overflow writes no record")
{
	const struct pmu *pmu = pebs_pmu();

	if (!pmu)
		return;
	WITH_PMU(pmu) WITH_MSR(MSR_DS_AREA, (uintptr_t)ds)
		for (unsigned int n = 0; n < sampled(pmu); n++) {
			sample(pmu, n, 0, false);
			EXPECT_EQ(ds->index, ds->base);
			EXPECT_EQ(rdmsr(pmu->global_status) & STATUS_BUFFER, 0);
		}
}

TEST(basic, "without the adaptive bit a record is the basic group")
{
	const struct pmu *pmu = pebs_pmu();

	if (!pmu)
		return;
	WITH_PMU(pmu) WITH_MSR(MSR_DS_AREA, (uintptr_t)ds)
		for (unsigned int n = 0; n < sampled(pmu); n++)
			for_each(start, starts) SUBTEST("counter %u from %lld", n,
							(long long)*start) {
				sample(pmu, n, *start, false);
				expect_record(pmu, n, 0);
			}
}

static const struct pmu *baseline_pmu(void)
{
	const struct pmu *pmu = pebs_pmu();

	if (!pmu || capabilities() & PERF_CAP_PEBS_BASELINE)
		return pmu;
	return skip("no baseline of PEBS"), NULL;
}

/* From every start, for counters with the adaptive bit and for those without. */
static void sample_groups(const struct pmu *pmu, unsigned int groups)
{
	for_each(start, starts)
		for (unsigned int n = 0; n < sampled(pmu); n++)
			for (unsigned int adaptive = 0; adaptive < 2; adaptive++) {
				sample(pmu, n, *start, adaptive);
				expect_record(pmu, n, adaptive ? groups : 0);
			}
}

TEST(adaptive, "with it, a record has the groups that are configured")
{
	const struct pmu *pmu = baseline_pmu();

	if (!pmu)
		return;
	WITH_PMU(pmu) WITH_MSR(MSR_DS_AREA, (uintptr_t)ds)
		for (unsigned int groups = 0; groups < CFG_ALL; groups++)
			SUBTEST("groups %#x", groups)
				WITH_MSR(MSR_PEBS_DATA_CFG, groups)
					sample_groups(pmu, groups);
}

TEST(adaptive_none, "no configuration makes a record of no overflow")
{
	const struct pmu *pmu = baseline_pmu();

	if (!pmu)
		return;
	WITH_PMU(pmu) WITH_MSR(MSR_DS_AREA, (uintptr_t)ds)
		for (unsigned int groups = 0; groups < CFG_ALL; groups++)
			WITH_MSR(MSR_PEBS_DATA_CFG, groups)
				for (unsigned int n = 0; n < sampled(pmu); n++) {
					sample(pmu, n, 0, true);
					EXPECT_EQ(ds->index, ds->base);
				}
}

/* Counters that overflow at once may share a record: each is in one of them. */
static u64 counters_of_records(void)
{
	u64 counters = 0, at = ds->base;

	while (at < ds->index && at < ds->maximum) {
		const volatile struct record *record = (void *)(uintptr_t)at;

		if (!EXPECT(record->info >> 48 >= sizeof(*record)))
			break;
		counters |= record->counters;
		at += record->info >> 48;
	}
	EXPECT_EQ(at, ds->index);
	return counters;
}

TEST(together, "counters that overflow together are each in a record")
{
	const struct pmu *pmu = pebs_pmu();
	u64 all;

	if (!pmu)
		return;
	all = pmu_mask(pmu->counters);
	WITH_PMU(pmu) WITH_MSR(MSR_DS_AREA, (uintptr_t)ds) {
		buffer_prepare();
		wrmsr(MSR_PEBS_ENABLE, all);
		for (unsigned int n = 0; n < pmu->counters; n++)
			pmu_start(pmu, n, pmu_event(pmu, PMU_INSTRUCTIONS),
				  -16ull & pmu_mask(pmu->width), 0);
		loop(LOOP);
		pmu_stop(pmu);
		wrmsr(MSR_PEBS_ENABLE, 0);
		EXPECT_EQ(counters_of_records() & all, all);
		wrmsr(pmu->global_clear, STATUS_BUFFER | all);
	}
}

TEST(absent, "where PEBS is not announced, its enable is #GP(0)")
{
	if (!cpu_is_intel())
		return skip("not an Intel CPU");
	if (PERF_CAP_PEBS_FORMAT(capabilities()))
		return skip("it is announced");
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_PEBS_ENABLE, 1));
}
