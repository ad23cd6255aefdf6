/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's CPUs, as its device tree lists them. */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include <base.h>

/**
 * cpu_affinity_by_tree() - the affinity of the @index-th CPU in the tree
 *
 * Returns false if there are not so many.
 */
bool cpu_affinity_by_tree(unsigned int index, u64 *affinity);

#endif
