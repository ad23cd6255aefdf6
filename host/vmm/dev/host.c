/* SPDX-License-Identifier: BSD-2-Clause */
/* The page that tells an image of the ledger, and the test device (abi/host.h). */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "abi/host.h"
#include "vmm/break.h"
#include "vmm/host.h"
#include "vmm/isolate.h"
#include "vmm/machine.h"
#include "vmm/migrate.h"
#include "vmm/ram_pages.h"
#include "vmm/request.h"
#include "vmm/save.h"
#include "vmm/slots.h"

#define RING_OFFSET	4096u
#define RING_SIZE	(VM_LEDGER_SIZE - RING_OFFSET)

static struct abi_host *host;

/* What the page says that goes with the machine into another process. */
static struct {
	uint32_t isolate, test;
	uint32_t puts[ABI_STATES];
	uint32_t keep[16];
} kept;

static void *map_at(void *where, size_t size, off_t offset)
{
	void *at = mmap(where, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_FIXED, machine.config->ledger, offset);

	if (at == MAP_FAILED)
		must(-1, "mapping the ledger");
	return at;
}

static bool ledger_there(void)
{
	return machine.config->ledger >= 0;
}

uint64_t host_region_size(void)
{
	if (ledger_there())
		return RING_OFFSET + 2ul * RING_SIZE;
	return machine.config->test_device ? RING_OFFSET : 0;
}

bool host_region_there(void)
{
	return host_region_size();
}

static void *region_map(size_t size)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		must(-1, "room for the test device");
	if (ledger_there()) {
		/* The ring twice in a row: a record is never split. */
		map_at(at, VM_LEDGER_SIZE, 0);
		map_at(at + VM_LEDGER_SIZE, RING_SIZE, RING_OFFSET);
	}
	return at;
}

static void page_init(uint32_t features)
{
	*host = (struct abi_host){
		.magic = ABI_HOST_MAGIC,
		.version = ABI_HOST_VERSION,
		.features = features,
		.cpus = machine.config->cpus,
		.port = HOST_PORT,
		.ring = RING_OFFSET,
		.ring_size = ledger_there() ? RING_SIZE : 0,
		.isolate = machine.config->conduct.isolate,
		.yield = machine.config->conduct.perturb ||
			machine.config->conduct.migrate_every,
		.points = machine.config->conduct.save != NULL,
		.name_length = strcspn(machine.config->command_line, " "),
	};
}

static void host_init(void)
{
	size_t size = host_region_size();
	uint32_t features;
	int khz;

	if (!size)
		return;
	host = region_map(size);
	ram_pages_open();
	features = request_features();
	/* A machine that came from another process goes on in that one's ledger. */
	if (!machine.config->conduct.load || host->magic != ABI_HOST_MAGIC)
		page_init(features);
	/* KVMs without KVM_CAP_VM_TSC_CONTROL do not say: guests then measure. */
	khz = ioctl(machine.vm, KVM_GET_TSC_KHZ, 0);
	if (khz > 0)
		host->tsc_khz = khz;
	must(slot_add(HOST_REGION, size, host, 0), "KVM_SET_USER_MEMORY_REGION");
}

/* The reader is the parent: it takes records every few milliseconds. */
static void doorbell_write(uint64_t offset, unsigned int size, uint64_t value)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	uint32_t tail;

	(void)offset;
	(void)size;
	(void)value;
	if (!host || !ledger_there())
		return;
	tail = __atomic_load_n(&host->tail, __ATOMIC_ACQUIRE);
	while (__atomic_load_n(&host->tail, __ATOMIC_ACQUIRE) == tail &&
	       __atomic_load_n(&host->head, __ATOMIC_ACQUIRE) - tail >
	       host->ring_size)
		nanosleep(&pause, NULL);
}

static void nmi_work(void *arg)
{
	must(ioctl(((struct vcpu *)arg)->fd, KVM_NMI), "KVM_NMI");
}

static void nmi_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)offset;
	(void)size;
	/* The kernel lets nobody at a CPU that runs. */
	if (value < machine.config->cpus && !lie_tell(&lie_nmi_lost))
		vcpu_after_exit(nmi_work, &machine.vcpus[value]);
}

static uint64_t exits_read(uint64_t offset, unsigned int size)
{
	(void)offset;
	(void)size;
	return machine_exits();
}

/* The harness's own exit: it must not spoil what a TEST counts. */
static void yield_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)offset;
	(void)size;
	(void)value;
	vcpu_count(vcpu_current(), KVM_EXIT_IO, -1);
}

static void request_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)offset;
	(void)size;
	if (host)
		request_take(value);
}

static void point_write(uint64_t offset, unsigned int size, uint64_t value)
{
	char name[ABI_POINT_MAX];

	(void)offset;
	(void)size;
	if (ram_string(value, name, sizeof(name)))
		save_point(name);
}

static void state_take_work(void *arg)
{
	uintptr_t n = (uintptr_t)arg;

	isolate_take(n);
	host->puts[n] = 0;
}

static void state_put_work(void *arg)
{
	uintptr_t n = (uintptr_t)arg;

	isolate_put(n);
	host->puts[n]++;
}

static void migrate_work(void *arg)
{
	(void)arg;
	machine_migrate();
}

static void state_write(uint64_t offset, unsigned int size, uint64_t value)
{
	uintptr_t n = (uint32_t)value >> 8;

	(void)offset;
	(void)size;
	if (!host || n >= ABI_STATES)
		return;
	if ((value & 0xff) == ABI_STATE_TAKE)
		vcpu_after_exit(state_take_work, (void *)n);
	else if ((value & 0xff) == ABI_STATE_PUT && isolate_taken(n))
		vcpu_after_exit(state_put_work, (void *)n);
	else if ((value & 0xff) == ABI_STATE_MIGRATE)
		vcpu_after_exit(migrate_work, NULL);
}

static void host_save(void)
{
	if (!host)
		return;
	kept.isolate = host->isolate;
	kept.test = host->test;
	memcpy(kept.puts, host->puts, sizeof(kept.puts));
	memcpy(kept.keep, host->keep, sizeof(kept.keep));
}

/* A reset in this process leaves the page alone. */
static void host_restore(void)
{
	if (!host || !machine.loading)
		return;
	host->isolate = kept.isolate;
	host->test = kept.test;
	memcpy(host->puts, kept.puts, sizeof(kept.puts));
	memcpy(host->keep, kept.keep, sizeof(kept.keep));
}

/* Not compared: it is meant to differ. */
static void host_settle(void *copy)
{
	memset(copy, 0, sizeof(kept));
}

static void end_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)offset;
	(void)size;
	machine_end(vcpu_current(), VM_END_DEBUG_EXIT, value, "ended with %u",
		    (unsigned int)value);
}

static struct device host_device = {
	.name = "flatbed-testdev",
	.text = "the test device of lib/abi/host.h",
	.init = host_init,
	.ranges = {
		{ HOST_PORTS, HOST_PORT + ABI_PORT_DOORBELL, 4, NULL, doorbell_write, 0,
		  "doorbell of the ledger" },
		{ HOST_PORTS, HOST_PORT + ABI_PORT_NMI, 4, NULL, nmi_write, 0, "NMI" },
		{ HOST_PORTS, HOST_PORT + ABI_PORT_EXITS, 4, exits_read, NULL, 0, "exits so far" },
		{ HOST_PORTS, HOST_PORT + ABI_PORT_YIELD, 4, NULL, yield_write, 0,
		  "an exit for its own sake" },
		{ HOST_PORTS, HOST_PORT + ABI_PORT_POINT, 4, NULL, point_write, 0,
		  "a point that has a name" },
		{ HOST_PORTS, HOST_PORT + ABI_PORT_REQUEST, 4, NULL, request_write, 0,
		  "requests of abi/request.h" },
		{ HOST_PORTS, HOST_PORT + ABI_PORT_STATE, 4, NULL, state_write, 0,
		  "take and put the state" },
		{ HOST_PORTS, HOST_PORT + ABI_PORT_END, 4, NULL, end_write, 0,
		  "end with a status" },
	},
	.lockless = true,
	.state = DEVICE_STATE(1, kept, .settle = host_settle),
	.save = host_save,
	.restore = host_restore,
};
DEVICE_REGISTER(host_device);
