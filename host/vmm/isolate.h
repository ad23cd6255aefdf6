/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine as it was once: taken, and put again and again. */
#ifndef HOST_VMM_ISOLATE_H
#define HOST_VMM_ISOLATE_H

#include <stdbool.h>

/**
 * isolate_prepare() - make a VM ready for it that has no slots yet
 *
 * What KVM then has from the start on costs little; later it takes KVM milliseconds.
 */
void isolate_prepare(void);

/**
 * isolate_take() - keep the machine as it is now
 * @n: below ABI_STATES; what was kept under this number goes
 *
 * All CPUs stand still, for this and the next.
 */
void isolate_take(unsigned int n);

/**
 * isolate_put() - make the machine what it was
 * @n: it has been taken
 *
 * With verify_reset, a machine that is not what it was ends, with the first
 * difference for reason.
 */
void isolate_put(unsigned int n);

/**
 * isolate_taken() - is there anything to put?
 */
bool isolate_taken(unsigned int n);

#endif
