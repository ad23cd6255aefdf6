/* SPDX-License-Identifier: BSD-2-Clause */
/* Performance monitors (DDI 0487, D12.11 events, D17.5 registers). */
#ifndef DEFS_PMU_H
#define DEFS_PMU_H

#define PMCR_E			(1 << 0)	/* counters count */
#define PMCR_P			(1 << 1)	/* write: event counters to 0 */
#define PMCR_C			(1 << 2)	/* write: cycle counter to 0 */
#define PMCR_LC			(1 << 6)	/* its overflow is that of 64 bits */
#define PMCR_LP			(1 << 7)	/* PMUv3p5: so is event counters' */
#define PMCR_READ_ONLY		0xffffff00u
#define PMCR_COUNTERS(pmcr)	((pmcr) >> 11 & 0x1f)

#define PMU_CYCLE_COUNTER	0x80000000u	/* in PMCNTENSET and its like */

/* PMEVTYPER, PMCCFILTR: what is not counted, and what is */
#define PMU_NOT_USER		(1u << 30)
#define PMU_EL2			(1u << 27)

#define PMU_SW_INCR		0x00
#define PMU_INST_RETIRED	0x08
#define PMU_CPU_CYCLES		0x11
#define PMU_MEM_ACCESS		0x13
#define PMU_INST_SPEC		0x1b
#define PMU_CHAIN		0x1e
#define PMU_STALL_FRONTEND	0x23
#define PMU_STALL_BACKEND	0x24

/* PMUVer */
#define PMU_V3			1
#define PMU_V3_8_1		4
#define PMU_V3P5		6

#endif
