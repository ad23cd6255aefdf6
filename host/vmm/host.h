/* SPDX-License-Identifier: BSD-2-Clause */
/* The test device's region of guest memory: struct abi_host, and the ledger. */
#ifndef HOST_VMM_HOST_H
#define HOST_VMM_HOST_H

#include <stdbool.h>
#include <stdint.h>

/**
 * host_region_size() - bytes of the region, 0 if this machine has no test device
 */
uint64_t host_region_size(void);

/**
 * host_region_there() - does this machine have a test device?
 */
bool host_region_there(void);

#endif
