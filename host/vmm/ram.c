/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's memory: one mapping, checked access. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "base/range.h"
#include "vmm/machine.h"

#define FOUR_GIB	(1ull << 32)

static uint8_t *ram;

uint64_t ram_below_4g(void)
{
	uint64_t size = machine.config->memory;

	return size < RAM_BELOW_4G ? size : RAM_BELOW_4G;
}

uint64_t ram_above_4g(void)
{
	return machine.config->memory - ram_below_4g();
}

void ram_add_slot(gpa_t gpa, uint64_t size, void *host)
{
	static uint32_t next;
	struct kvm_userspace_memory_region region = {
		.slot = next++,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host,
	};

	must(ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, &region),
	     "KVM_SET_USER_MEMORY_REGION");
}

void ram_create(void)
{
	uint64_t size = machine.config->memory;

	if (size < 1 << 20)
		machine_end(NULL, VM_END_ERROR, 0,
			    "%llu bytes of memory: at least 1 MiB is needed",
			    (unsigned long long)size);
	ram = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED)
		must(-1, "mapping the guest's memory");
	ram_add_slot(0, RAM_LOW_END, ram);
	ram_add_slot(RAM_ROM, ram_below_4g() - RAM_ROM, ram + RAM_ROM);
	if (ram_above_4g())
		ram_add_slot(FOUR_GIB, ram_above_4g(), ram + ram_below_4g());
}

void *ram_at(gpa_t gpa, uint64_t size)
{
	const struct range low = { 0, RAM_LOW_END };
	const struct range middle = { RAM_ROM, ram_below_4g() - RAM_ROM };
	const struct range high = { FOUR_GIB, ram_above_4g() };

	if (range_contains(low, gpa, size) || range_contains(middle, gpa, size))
		return ram + gpa;
	if (range_contains(high, gpa, size))
		return ram + ram_below_4g() + (gpa - FOUR_GIB);
	return NULL;
}

void ram_write(gpa_t gpa, const void *from, uint64_t size)
{
	void *to;

	if (!size)
		return;
	to = ram_at(gpa, size);
	if (!to)
		machine_end(NULL, VM_END_ERROR, 0,
			    "no RAM for %llu bytes at %#llx",
			    (unsigned long long)size, (unsigned long long)gpa);
	memcpy(to, from, size);
}
