/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs that stand still or share, and what KVM and this VMM count. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/clock.h"
#include "vmm/machine.h"
#include "vmm/request.h"
#include "vmm/stats.h"

#define MOST_US		10000000u

static enum abi_request_status stop_serve(struct abi_request *r)
{
	struct vcpu *vcpu = request_cpu(r, 0);

	if (!vcpu || r->argument[1] > MOST_US)
		return ABI_REQUEST_WRONG;
	vcpu_hold(vcpu, r->argument[1] * 1000);
	return ABI_REQUEST_DONE;
}

/* Spins beside a CPU's thread on one host CPU, so that both get half of it. */
struct thief {
	int tid;
	uint64_t ns;
};

static void *steal(void *arg)
{
	struct thief *thief = arg;
	uint64_t end = host_ns() + thief->ns;
	cpu_set_t before, one;

	if (sched_getaffinity(thief->tid, sizeof(before), &before) == 0) {
		int cpu = 0;

		while (!CPU_ISSET(cpu, &before))
			cpu++;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		sched_setaffinity(thief->tid, sizeof(one), &one);
		while (host_ns() < end)
			;
		sched_setaffinity(thief->tid, sizeof(before), &before);
	}
	free(thief);
	return NULL;
}

static enum abi_request_status steal_serve(struct abi_request *r)
{
	struct vcpu *vcpu = request_cpu(r, 0);
	struct thief *thief;
	pthread_t thread;

	if (!vcpu || r->argument[1] > MOST_US)
		return ABI_REQUEST_WRONG;
	thief = malloc(sizeof(*thief));
	must(thief ? 0 : -1, "memory for a thread");
	*thief = (struct thief){ vcpu->tid, r->argument[1] * 1000 };
	errno = pthread_create(&thread, NULL, steal, thief);
	must(errno ? -1 : 0, "a thread that takes time");
	pthread_detach(thread);
	return ABI_REQUEST_DONE;
}

static uint64_t exits_of(const struct vcpu *vcpu, uint64_t reason)
{
	return reason == ABI_ALL ? vcpu_exits(vcpu) :
		__atomic_load_n(&vcpu->exits[reason], __ATOMIC_RELAXED);
}

static enum abi_request_status exits_serve(struct abi_request *r)
{
	const struct vcpu *one = request_cpu(r, 0);

	if ((!one && r->argument[0] != ABI_ALL) ||
	    (r->argument[1] >= VCPU_REASONS && r->argument[1] != ABI_ALL))
		return ABI_REQUEST_WRONG;
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		if (!one || one == &machine.vcpus[i])
			r->result[0] += exits_of(&machine.vcpus[i], r->argument[1]);
	return ABI_REQUEST_DONE;
}

static enum abi_request_status statistic_serve(struct abi_request *r)
{
	const struct vcpu *vcpu = request_cpu(r, 0);
	char name[ABI_NAME_MAX];
	bool found;
	int fd;

	if ((!vcpu && r->argument[0] != ABI_ALL) ||
	    !ram_string(r->argument[1], name, sizeof(name)))
		return ABI_REQUEST_WRONG;
	fd = ioctl(vcpu ? vcpu->fd : machine.vm, KVM_GET_STATS_FD, NULL);
	if (fd < 0)
		return request_kernel(r, fd);
	found = stats_read(fd, name, &r->result[0]);
	close(fd);
	return found ? ABI_REQUEST_DONE : ABI_REQUEST_WRONG;
}

const struct request_row requests_cpus[] = {
	{ ABI_REQUEST_CPU_STOP, stop_serve, false },
	{ ABI_REQUEST_CPU_STEAL, steal_serve, false },
	{ ABI_REQUEST_EXITS, exits_serve, false },
	{ ABI_REQUEST_STATISTIC, statistic_serve, true },
	{ 0 }
};
