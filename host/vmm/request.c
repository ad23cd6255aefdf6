/* SPDX-License-Identifier: BSD-2-Clause */
/* From an address that a guest wrote to whoever serves its request. */
#include "vmm/request.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/machine.h"

/* The feature that each operation needs, and its name. */
static const uint32_t needs[] = {
#define NEED(name, feature) [ABI_REQUEST_##name] = ABI_HOST_##feature,
	ABI_REQUESTS(NEED)
#undef NEED
};

static const struct request_row *const tables[] = {
	requests_slots, requests_faults, requests_cpus, arch_requests,
};

static uint32_t features;

uint32_t request_features(void)
{
	features = ABI_HOST_EXITS | ABI_HOST_STATE | ABI_HOST_SLOTS |
		ABI_HOST_LOG | ABI_HOST_STOP | ABI_HOST_STEAL |
		faults_features() | arch_request_features();
	if (machine.config->conduct.dirty_ring)
		features |= ABI_HOST_LOG_RING;
	if (ioctl(machine.vm, KVM_CHECK_EXTENSION, KVM_CAP_BINARY_STATS_FD) > 0)
		features |= ABI_HOST_STATS;
	return features;
}

static const struct request_row *row_find(uint32_t operation)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (const struct request_row *row = tables[t]; row->operation; row++)
			if (row->operation == operation)
				return row;
	return NULL;
}

enum abi_request_status request_kernel(struct abi_request *request, int result)
{
	if (result >= 0)
		return ABI_REQUEST_DONE;
	request->result[0] = errno;
	return ABI_REQUEST_REFUSED;
}

struct vcpu *request_cpu(const struct abi_request *request, unsigned int n)
{
	uint64_t cpu = request->argument[n];

	if (cpu == ABI_SELF)
		return vcpu_current();
	return cpu < machine.config->cpus ? &machine.vcpus[cpu] : NULL;
}

/* Works on a copy: the guest may change its own meanwhile. */
static void serve(uint64_t address, const struct request_row *row)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct abi_request request;
	void *at = ram_at(address, sizeof(request));

	if (!at)
		return;
	memcpy(&request, at, sizeof(request));
	memset(request.result, 0, sizeof(request.result));
	pthread_mutex_lock(&lock);
	request.status = row->serve(&request);
	pthread_mutex_unlock(&lock);
	ram_write(address, &request, sizeof(request));
}

static void serve_still(void *arg)
{
	uintptr_t address = (uintptr_t)arg;
	struct abi_request *at = ram_at(address, sizeof(*at));
	const struct request_row *row = at ? row_find(at->operation) : NULL;

	if (row)
		serve(address, row);
}

void request_take(uint64_t address)
{
	struct abi_request *at = address % 8 ? NULL :
		ram_write_at(address, sizeof(*at));
	const struct request_row *row;
	uint32_t operation;

	if (!at)
		return;		/* there is no place for a status */
	operation = at->operation;
	row = row_find(operation);
	if (!operation || operation >= ABI_REQUEST_OPERATIONS)
		at->status = ABI_REQUEST_UNKNOWN;
	else if (!row || !(features & needs[operation]))
		at->status = ABI_REQUEST_ABSENT;
	else if (row->still)
		vcpu_after_exit(serve_still, (void *)(uintptr_t)address);
	else
		serve(address, row);
}
