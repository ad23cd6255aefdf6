/* SPDX-License-Identifier: BSD-2-Clause */
/* Performance counters of both vendors as one. */
#include <pmu.h>
#include <scope.h>

#define LEAF_PMU		0xa
#define LEAF_AMD_PMU		0x80000022
#define AMD_WIDTH		48
#define AMD_LEGACY_COUNTERS	4
#define AMD_CORE_COUNTERS	6

const char *const pmu_event_names[PMU_EVENTS] = {
	"cycles", "instructions", "reference cycles", "LLC references", "LLC misses",
	"branches", "branch misses",
};

static const struct {
	u16 intel, amd;			/* unit mask, event */
} events[PMU_EVENTS] = {
	[PMU_CYCLES]	    = { 0x003c, 0x76 },
	[PMU_INSTRUCTIONS]  = { 0x00c0, 0xc0 },
	[PMU_REF_CYCLES]    = { 0x013c, 0 },
	[PMU_LLC_REFS]	    = { 0x4f2e, 0 },
	[PMU_LLC_MISSES]    = { 0x412e, 0 },
	[PMU_BRANCHES]	    = { 0x00c4, 0xc2 },
	[PMU_BRANCH_MISSES] = { 0x00c5, 0xc3 },
};

u32 pmu_event(const struct pmu *pmu, enum pmu_event event)
{
	if (!pmu->intel)
		return events[event].amd;
	return pmu->unavailable >> event & 1 ? 0 : events[event].intel;
}

bool pmu_announced(void)
{
	if (!cpu_is_intel())
		return cpu_has(CPU_PERFCTR_CORE);
	return cpuid(0, 0).reg[CPUID_EAX] >= LEAF_PMU &&
		cpuid(LEAF_PMU, 0).reg[CPUID_EAX] & 0xff;
}

static unsigned int intel_find(struct pmu *pmu)
{
	struct cpuid id = cpuid(LEAF_PMU, 0);
	u32 a = id.reg[CPUID_EAX], d = id.reg[CPUID_EDX];
	unsigned int events_told = a >> 24;
	u64 capabilities = 0;

	if (!pmu_announced() || try_rdmsr(MSR_PERFEVTSEL(0), NULL).raised)
		return 0;
	*pmu = (struct pmu){
		.scheme = "PERFCTR", .version = a & 0xff, .intel = true,
		.counters = a >> 8 & 0xff, .width = a >> 16 & 0xff,
		.unavailable = id.reg[CPUID_EBX] | ~(u32)(BIT(events_told) - 1),
		.select = MSR_PERFEVTSEL(0), .counter = MSR_PERFCTR(0), .step = 1,
		.sign_extends = true,
	};
	if (pmu->version >= 2) {
		pmu->fixed = d & 0x1f;
		pmu->fixed_width = d >> 5 & 0xff;
		pmu->global_status = MSR_PERF_GLOBAL_STATUS;
		pmu->global_ctrl = MSR_PERF_GLOBAL_CTRL;
		pmu->global_clear = MSR_PERF_GLOBAL_CLEAR;
	}
	if (cpu_has(CPU_PDCM))
		try_rdmsr(MSR_PERF_CAPABILITIES, &capabilities);
	if (!(capabilities & PERF_CAP_FULL_WIDTH))
		return 1;
	pmu[1] = pmu[0];
	pmu[1].scheme = "PMC";
	pmu[1].counter = MSR_PMC(0);
	pmu[1].sign_extends = false;
	return 2;
}

/* Does a selector keep what is written to it? */
static bool selector_keeps(u32 msr)
{
	u64 old, got;

	if (try_rdmsr(msr, &old).raised || try_wrmsr(msr, EVNTSEL_USR).raised)
		return false;
	got = rdmsr(msr);
	wrmsr(msr, old);
	return got == EVNTSEL_USR;
}

/* Nothing in CPUID announces the first four, and KVM takes writes to what is not there. */
static unsigned int amd_find(struct pmu *pmu)
{
	struct cpuid v2 = { { 0 } };
	unsigned int n = 0;

	if (!selector_keeps(MSR_K7_EVNTSEL(0)))
		return 0;
	if (cpuid(0x80000000, 0).reg[CPUID_EAX] >= LEAF_AMD_PMU)
		v2 = cpuid(LEAF_AMD_PMU, 0);
	if (cpu_has(CPU_PERFCTR_CORE))
		pmu[n++] = (struct pmu){
			.scheme = "core", .version = 1, .counters = AMD_CORE_COUNTERS,
			.width = AMD_WIDTH, .select = MSR_CORE_EVNTSEL(0),
			.counter = MSR_CORE_PERFCTR(0), .step = 2,
		};
	if (n && v2.reg[CPUID_EAX] & 1) {
		pmu[0].version = 2;
		pmu[0].counters = v2.reg[CPUID_EBX] & 0xf;
		pmu[0].global_status = MSR_AMD_GLOBAL_STATUS;
		pmu[0].global_ctrl = MSR_AMD_GLOBAL_CTRL;
		pmu[0].global_clear = MSR_AMD_GLOBAL_CLEAR;
	}
	pmu[n] = (struct pmu){
		.scheme = "K7", .version = 1, .counters = AMD_LEGACY_COUNTERS,
		.width = AMD_WIDTH, .select = MSR_K7_EVNTSEL(0),
		.counter = MSR_K7_PERFCTR(0), .step = 1,
	};
	/* The global enables are for these counters, too. */
	pmu[n].global_ctrl = pmu[0].global_ctrl;
	return n + 1;
}

unsigned int pmus_find(struct pmu *pmus)
{
	return cpu_is_intel() ? intel_find(pmus) : amd_find(pmus);
}

u64 pmu_read(const struct pmu *pmu, unsigned int n)
{
	return rdmsr(pmu->counter + n * pmu->step);
}

u64 pmu_read_fixed(unsigned int n)
{
	return rdmsr(MSR_FIXED_CTR(n));
}

void pmu_start(const struct pmu *pmu, unsigned int n, u32 event, u64 from, u64 bits)
{
	wrmsr(pmu->counter + n * pmu->step, from);
	wrmsr(pmu->select + n * pmu->step,
	      event | EVNTSEL_USR | EVNTSEL_OS | EVNTSEL_EN | bits);
	if (pmu->global_ctrl)
		wrmsr(pmu->global_ctrl, rdmsr(pmu->global_ctrl) | BIT(n));
}

void pmu_start_fixed(const struct pmu *pmu, unsigned int n, u64 from, u32 bits)
{
	wrmsr(MSR_FIXED_CTR(n), from);
	wrmsr(MSR_FIXED_CTR_CTRL, rdmsr(MSR_FIXED_CTR_CTRL) |
	      (u64)(FIXED_OS | FIXED_USR | bits) << 4 * n);
	wrmsr(pmu->global_ctrl, rdmsr(pmu->global_ctrl) | BIT(32 + n));
}

void pmu_stop(const struct pmu *pmu)
{
	if (pmu->global_ctrl)
		wrmsr(pmu->global_ctrl, 0);
	if (pmu->fixed)
		wrmsr(MSR_FIXED_CTR_CTRL, 0);
	for (unsigned int n = 0; n < pmu->counters; n++)
		wrmsr(pmu->select + n * pmu->step, 0);
}

static void pmu_clear(const struct pmu *pmu)
{
	pmu_stop(pmu);
	for (unsigned int n = 0; n < pmu->counters; n++)
		wrmsr(pmu->counter + n * pmu->step, 0);
	for (unsigned int n = 0; n < pmu->fixed; n++)
		wrmsr(MSR_FIXED_CTR(n), 0);
	if (pmu->global_clear)
		wrmsr(pmu->global_clear, rdmsr(pmu->global_status));
}

static void pmu_leave(struct scope *scope)
{
	pmu_clear(((struct pmu_scope *)scope)->pmu);
}

void pmu_enter(struct pmu_scope *scope, const struct pmu *pmu)
{
	scope->pmu = pmu;
	pmu_clear(pmu);
	scope_enter(&scope->scope, pmu_leave);
}

static struct pmu found[PMU_SCHEMES];

unsigned int pmu_schemes(void)
{
	unsigned int n = pmus_find(found);

	if (!n)
		skip("no performance counters");
	return n;
}

const struct pmu *pmu_scheme(unsigned int n)
{
	return &found[n];
}
