/* SPDX-License-Identifier: BSD-2-Clause */
/* The page that tells an image of the ledger, and the test device (abi/host.h). */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "abi/host.h"
#include "vmm/machine.h"

#define LEDGER_GPA	0xd0000000ull
#define RING_OFFSET	4096u
#define RING_SIZE	(VM_LEDGER_SIZE - RING_OFFSET)
#define PORT		0xf1a0u

static struct abi_host *host;

static void *map_at(void *where, size_t size, off_t offset)
{
	void *at = mmap(where, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_FIXED, machine.config->ledger, offset);

	if (at == MAP_FAILED)
		must(-1, "mapping the ledger");
	return at;
}

static void host_init(void)
{
	size_t size = RING_OFFSET + 2ul * RING_SIZE;
	int khz;
	char *at;

	if (machine.config->ledger < 0)
		return;
	at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
		  MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		must(-1, "room for the ledger");
	/* The ring twice in a row: a record is never split. */
	host = map_at(at, VM_LEDGER_SIZE, 0);
	map_at(at + VM_LEDGER_SIZE, RING_SIZE, RING_OFFSET);
	*host = (struct abi_host){
		.magic = ABI_HOST_MAGIC,
		.version = ABI_HOST_VERSION,
		.features = ABI_HOST_NMI | ABI_HOST_EXITS,
		.cpus = machine.config->cpus,
		.port = PORT,
		.ring = RING_OFFSET,
		.ring_size = RING_SIZE,
	};
	/* KVMs without KVM_CAP_VM_TSC_CONTROL do not say: guests then measure. */
	khz = ioctl(machine.vm, KVM_GET_TSC_KHZ, 0);
	if (khz > 0)
		host->tsc_khz = khz;
	ram_add_slot(LEDGER_GPA, size, host);
}

/* The reader is the parent: it takes records every few milliseconds. */
static void doorbell_write(uint64_t offset, unsigned int size, uint64_t value)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	uint32_t tail;

	(void)offset;
	(void)size;
	(void)value;
	if (!host)
		return;
	tail = __atomic_load_n(&host->tail, __ATOMIC_ACQUIRE);
	while (__atomic_load_n(&host->tail, __ATOMIC_ACQUIRE) == tail &&
	       __atomic_load_n(&host->head, __ATOMIC_ACQUIRE) - tail >
	       host->ring_size)
		nanosleep(&pause, NULL);
}

static void nmi_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)offset;
	(void)size;
	if (value < machine.config->cpus)
		must(ioctl(machine.vcpus[value].fd, KVM_NMI), "KVM_NMI");
}

static uint64_t exits_read(uint64_t offset, unsigned int size)
{
	(void)offset;
	(void)size;
	return machine_exits();
}

static struct device host_device = {
	.name = "flatbed-testdev",
	.text = "the test device of lib/abi/host.h",
	.init = host_init,
	.ranges = {
		{ BUS_PORT, PORT + ABI_PORT_DOORBELL, 4, NULL, doorbell_write, 0,
		  "doorbell of the ledger" },
		{ BUS_PORT, PORT + ABI_PORT_NMI, 4, NULL, nmi_write, 0, "NMI" },
		{ BUS_PORT, PORT + ABI_PORT_EXITS, 4, exits_read, NULL, 0, "exits so far" },
	},
	.lockless = true,
};
DEVICE_REGISTER(host_device);
