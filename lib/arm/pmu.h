/* SPDX-License-Identifier: BSD-2-Clause */
/* Performance monitors (DDI 0487, D12). */
#ifndef PMU_H
#define PMU_H

#include <base.h>

/**
 * pmu_version() - PMUVer of the ID register: 1 is PMUv3, 4 is v3 of ARMv8.1, 6 is
 * v3p5; 0 if there is none that the architecture describes
 */
unsigned int pmu_version(void);

#endif
