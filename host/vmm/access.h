/* SPDX-License-Identifier: BSD-2-Clause */
/* An exit that is an access to a device. */
#ifndef HOST_VMM_ACCESS_H
#define HOST_VMM_ACCESS_H

#include <stdbool.h>

#include "vmm/device.h"

struct vcpu;

/**
 * access_bus() - let the bus have a CPU's access, and deliberate faults and the record
 * their part of it
 * @data: read or written, @size bytes of it
 */
void access_bus(struct vcpu *vcpu, enum bus_space space, gpa_t at, void *data,
		unsigned int size, bool write);

/**
 * access_memory() - the access of a KVM_EXIT_MMIO
 */
void access_memory(struct vcpu *vcpu);

#endif
