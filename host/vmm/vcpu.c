/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs: one thread each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "vmm/machine.h"

static void vcpu_create(struct vcpu *vcpu, unsigned int index,
			struct kvm_cpuid2 *cpuid, int run_size)
{
	vcpu->index = index;
	vcpu->fd = ioctl(machine.vm, KVM_CREATE_VCPU, index);
	if (vcpu->fd < 0 && (errno == EINVAL || errno == E2BIG))
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "this KVM cannot make CPU %u of %u", index,
			    machine.config->cpus);
	must(vcpu->fd, "KVM_CREATE_VCPU");
	vcpu->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		must(-1, "mapping struct kvm_run");
	cpu_model_for(cpuid, index, machine.config->cpus);
	must(ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
}

void vcpus_create(void)
{
	const struct vm_config *config = machine.config;
	int run_size = must(ioctl(machine.kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
			    "KVM_GET_VCPU_MMAP_SIZE");
	struct kvm_cpuid2 *cpuid;
	char why[256];
	int result;

	cpuid = cpu_model_build(machine.kvm, config->cpu, why, sizeof(why),
				&result);
	if (!cpuid)
		machine_end(NULL, result > 0 ? VM_END_UNSUPPORTED : VM_END_ERROR,
			    0, "%s", why);
	machine.vcpus = calloc(config->cpus, sizeof(*machine.vcpus));
	must(machine.vcpus ? 0 : -1, "memory for the CPUs");
	for (unsigned int i = 0; i < config->cpus; i++)
		vcpu_create(&machine.vcpus[i], i, cpuid, run_size);
	free(cpuid);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void *vcpu_loop(void *arg)
{
	struct vcpu *vcpu = arg;

	for (;;) {
		int result = ioctl(vcpu->fd, KVM_RUN, 0);

		if (result < 0 && errno != EINTR && errno != EAGAIN)
			must(result, "KVM_RUN");
		if (!__atomic_fetch_add(&machine.exits, 1, __ATOMIC_RELAXED))
			machine.end->first_exit_ns = now_ns();
		if (result >= 0)
			exit_handle(vcpu);
	}
	return NULL;
}

void vcpus_run(void)
{
	for (unsigned int i = 1; i < machine.config->cpus; i++) {
		errno = pthread_create(&machine.vcpus[i].thread, NULL,
				       vcpu_loop, &machine.vcpus[i]);
		must(errno ? -1 : 0, "a thread for a CPU");
	}
	vcpu_loop(&machine.vcpus[0]);
	__builtin_unreachable();
}
