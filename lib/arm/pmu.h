/* SPDX-License-Identifier: BSD-2-Clause */
/* Performance monitors (DDI 0487, D12). */
#ifndef PMU_H
#define PMU_H

#include <base.h>
#include <defs/pmu.h>
#include <fault.h>

/**
 * pmu_version() - PMUVer of the ID register: PMU_V3, …; 0 if there are no monitors
 * that the architecture describes
 */
unsigned int pmu_version(void);

/**
 * pmu_cycles() - the cycle counter; 32 bits of it in AArch32 state
 * pmu_cycle_bits() - how many it has: 64, or 32 of PMUv2
 * pmu_all_cycles(), pmu_set_cycles() - all of its bits
 * pmu_try_all_cycles() - the fault of pmu_all_cycles()
 */
u64 pmu_cycles(void);
unsigned int pmu_cycle_bits(void);
u64 pmu_all_cycles(void);
void pmu_set_cycles(u64 value);
struct fault pmu_try_all_cycles(void);

/**
 * pmu_intid() - the interrupt of overflows, by the device tree
 */
unsigned int pmu_intid(void);

/**
 * pmu_filter() - what PMEVTYPER and PMCCFILTR need so that the kernel is counted
 */
u32 pmu_filter(void);

/* The rest is AArch64 state's. */

/**
 * pmu_counters() - how many event counters there are
 */
unsigned int pmu_counters(void);

/**
 * pmu_reset() - all counters 0 and disabled, no overflow, no interrupt
 * @pmcr: PMCR_LP or 0: bits that stay in PMCR; PMCR_E is 0 afterwards
 */
void pmu_reset(u32 pmcr);

/**
 * pmu_start(), pmu_stop() - PMCR.E
 */
void pmu_start(void);
void pmu_stop(void);

/**
 * pmu_has_event() - does it count an event of 0 to 0x3f?
 */
bool pmu_has_event(unsigned int event);

/**
 * pmu_event() - what a counter counts, of the kernel only
 * pmu_counter(), pmu_set_counter() - a counter
 */
void pmu_event(unsigned int counter, unsigned int event);
u64 pmu_counter(unsigned int counter);
void pmu_set_counter(unsigned int counter, u64 value);

/**
 * pmu_implemented() - bits of all counters in PMCNTENSET and its like
 */
u32 pmu_implemented(void);

#endif
