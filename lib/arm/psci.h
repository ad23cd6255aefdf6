/* SPDX-License-Identifier: BSD-2-Clause */
/* Power State Coordination Interface (DEN 0022), by the SMC calling convention. */
#ifndef PSCI_H
#define PSCI_H

#include <base.h>
#include <defs/psci.h>

/**
 * psci_present() - does the device tree tell of PSCI 0.2 or later?
 */
bool psci_present(void);

/**
 * psci_call() - call a function by the machine's conduit
 * @function: PSCI_…
 *
 * Returns what it returns: 0 or more, or an error of PSCI_….
 */
long psci_call(u32 function, unsigned long a, unsigned long b, unsigned long c);

/**
 * psci_conduit() - "hvc" or "smc"
 */
const char *psci_conduit(void);

/**
 * psci_cpu_on() - start a CPU by its affinity, at a physical address
 * @context: in its first register
 */
long psci_cpu_on(u64 affinity, void (*entry)(void), unsigned long context);

/**
 * psci_affinity_info() - PSCI_ON, PSCI_OFF or PSCI_ON_PENDING, or an error
 */
long psci_affinity_info(u64 affinity);

#endif
