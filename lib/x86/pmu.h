/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Performance counters (SDM 3B, "Performance Monitoring"; APM 2, "Performance Monitoring
 * Counters"): which ones there are, and where.
 */
#ifndef PMU_H
#define PMU_H

#include <test.h>

#define MSR_PERFCTR(n)		(0x000000c1 + (n))
#define MSR_PMC(n)		(0x000004c1 + (n))	/* the same, of full width */
#define MSR_PERFEVTSEL(n)	(0x00000186 + (n))
#define MSR_FIXED_CTR(n)	(0x00000309 + (n))
#define MSR_PERF_CAPABILITIES	0x00000345
#define PERF_CAP_LBR_FORMAT	0x0000003f
#define PERF_CAP_FULL_WIDTH	0x00002000
#define MSR_FIXED_CTR_CTRL	0x0000038d
#define MSR_PERF_GLOBAL_STATUS	0x0000038e
#define MSR_PERF_GLOBAL_CTRL	0x0000038f
#define MSR_PERF_GLOBAL_CLEAR	0x00000390
#define MSR_K7_EVNTSEL(n)	(0xc0010000 + (n))
#define MSR_K7_PERFCTR(n)	(0xc0010004 + (n))
#define MSR_CORE_EVNTSEL(n)	(0xc0010200 + 2 * (n))
#define MSR_CORE_PERFCTR(n)	(0xc0010201 + 2 * (n))
#define MSR_AMD_GLOBAL_STATUS	0xc0000300
#define MSR_AMD_GLOBAL_CTRL	0xc0000301
#define MSR_AMD_GLOBAL_CLEAR	0xc0000302

#define EVNTSEL_USR		BIT(16)
#define EVNTSEL_OS		BIT(17)
#define EVNTSEL_INT		BIT(20)
#define EVNTSEL_EN		BIT(22)
#define EVNTSEL_CMASK(n)	((u64)(n) << 24)
#define FIXED_OS		1u		/* a nibble a counter */
#define FIXED_USR		2u
#define FIXED_INT		8u
#define RDPMC_FIXED		BIT(30)
#define RDPMC_FAST		BIT(31)

/* A way to address the counters: a vendor may have several. */
struct pmu {
	const char *scheme;
	unsigned int version;		/* Intel's; AMD's PerfMonV2 is 2, else 1 */
	unsigned int counters, width;
	unsigned int fixed, fixed_width;
	u32 unavailable;		/* Intel: architectural events, bit set: not there */
	u32 select, counter, step;	/* MSRs of counter 0, and how far the next is */
	u32 global_status, global_ctrl, global_clear;	/* 0: none */
	bool intel;
	bool sign_extends;		/* WRMSR takes 32 bits */
};

/**
 * pmus_find() - the schemes that this CPU has
 * @pmus: up to PMU_SCHEMES
 *
 * Returns how many; 0 where there are no counters.
 */
#define PMU_SCHEMES	2
unsigned int pmus_find(struct pmu *pmus);

/**
 * pmu_announced() - does CPUID announce counters?  AMD's only those beyond the first four
 */
bool pmu_announced(void);

/* Events by the index of Intel's architectural ones (SDM 3B, "Pre-defined Events"). */
enum pmu_event {
	PMU_CYCLES, PMU_INSTRUCTIONS, PMU_REF_CYCLES, PMU_LLC_REFS, PMU_LLC_MISSES,
	PMU_BRANCHES, PMU_BRANCH_MISSES, PMU_EVENTS
};

/**
 * pmu_event() - selector bits of an event, 0 if this PMU does not announce it
 */
u32 pmu_event(const struct pmu *pmu, enum pmu_event event);
extern const char *const pmu_event_names[PMU_EVENTS];

/**
 * WITH_PMU(pmu) - with all its counters stopped and 0, at the beginning and at the end
 */
#define WITH_PMU(pmu)	SCOPE(pmu_scope, pmu_enter, pmu)
struct pmu_scope {
	struct scope scope;
	const struct pmu *pmu;
};
void pmu_enter(struct pmu_scope *scope, const struct pmu *pmu);

/**
 * FOR_EACH_PMU(pmu) { } - a SUBTEST for each scheme, WITH_PMU(); the TEST is SKIP if there
 *	is none
 */
#define FOR_EACH_PMU(pmu)						\
	for (unsigned int n_ = pmu_schemes(), i_ = 0; i_ < n_; i_++)	\
		for (const struct pmu *pmu = pmu_scheme(i_); pmu; pmu = NULL)	\
			SUBTEST("%s", pmu->scheme) WITH_PMU(pmu)
unsigned int pmu_schemes(void);
const struct pmu *pmu_scheme(unsigned int n);

/**
 * pmu_start() - a counter counts @event, from @from on
 * @bits: more of EVNTSEL
 * pmu_start_fixed() - the same for a fixed counter; @bits: FIXED_INT or 0
 * pmu_stop() - all counters stand still
 * pmu_read(), pmu_read_fixed() - what they have
 */
void pmu_start(const struct pmu *pmu, unsigned int n, u32 event, u64 from, u64 bits);
void pmu_start_fixed(const struct pmu *pmu, unsigned int n, u64 from, u32 bits);
void pmu_stop(const struct pmu *pmu);
u64 pmu_read(const struct pmu *pmu, unsigned int n);
u64 pmu_read_fixed(unsigned int n);

/**
 * pmu_mask() - the bits that a counter has
 */
static inline u64 pmu_mask(unsigned int width)
{
	return BIT(width) - 1;
}

#endif
