/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPU's access to what is no memory. */
#include "vmm/access.h"

#include <string.h>

#include "vmm/autopsy.h"
#include "vmm/break.h"
#include "vmm/machine.h"

void access_bus(struct vcpu *vcpu, enum bus_space space, gpa_t at, void *data,
		unsigned int size, bool write)
{
	struct vm_access access = {
		.at = at, .size = size, .port = space == BUS_PORT, .write = write,
	};

	if (write && !break_access(space, at, data, size, write))
		return;
	if (bus_access(space, at, data, size, write)) {
		if (!write)
			break_access(space, at, data, size, write);
		return;
	}
	/* RAM that has no slot now, or a read-only one: the guest asked for it. */
	if (space == BUS_MEMORY && ram_at(at, 1))
		return;
	if (write)
		memcpy(&access.value, data, size < 8 ? size : 8);
	record_unclaimed(vcpu, access);
}

void access_memory(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	access_bus(vcpu, BUS_MEMORY, run->mmio.phys_addr, run->mmio.data, run->mmio.len,
		   run->mmio.is_write);
}
