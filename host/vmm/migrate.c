/* SPDX-License-Identifier: BSD-2-Clause */
/* The running machine into another VM of this process. */
#include "vmm/migrate.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm/machine.h"
#include "vmm/slots.h"
#include "vmm/state.h"

static void vm_close(int vm)
{
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		vcpu_close(&machine.vcpus[i]);
	close(vm);
}

static void vm_open(void)
{
	machine.vm = must(ioctl(machine.kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	/* Slots before the irqchip: KVM then has no readers to wait for. */
	slots_attach();
	arch_vm_open();
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		vcpu_open(&machine.vcpus[i]);
	for_each_device(d) {
		if (!d->there || !d->attach)
			continue;
		pthread_mutex_lock(&d->lock);
		d->attach();
		pthread_mutex_unlock(&d->lock);
	}
}

void machine_migrate(void)
{
	static struct state *state;

	if (!state)
		state = state_new();
	state_take(state);
	/* The log goes with the VM; who tracks dirty pages has it first. */
	slots_harvest(false);
	vm_close(machine.vm);
	vm_open();
	state_put(state);
	machine.end->migrations++;
}
