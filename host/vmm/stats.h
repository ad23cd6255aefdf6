/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's binary statistics, by name. */
#ifndef HOST_VMM_STATS_H
#define HOST_VMM_STATS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * stats_read() - one statistic of a VM or a CPU
 * @fd: of KVM_GET_STATS_FD
 * @name: "exits"
 * @value: set if it returns true
 *
 * Returns false if there is none of that name.
 */
bool stats_read(int fd, const char *name, uint64_t *value);

/**
 * stats_vm() - one of the machine's VM, whose names are looked up only once
 */
bool stats_vm(const char *name, uint64_t *value);

/**
 * stats_cpus() - the same, of all the machine's CPUs together
 */
bool stats_cpus(const char *name, uint64_t *sum);

#endif
