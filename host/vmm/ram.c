/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's memory: one mapping, checked access. */
#include "vmm/ram.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/range.h"
#include "vmm/machine.h"
#include "vmm/ram_pages.h"
#include "vmm/slots.h"

#define FOUR_GIB	(1ull << 32)

static uint8_t *ram;
static uint64_t spare_used;

uint64_t ram_below_4g(void)
{
	uint64_t size = machine.config->memory;

	return size < RAM_BELOW_4G ? size : RAM_BELOW_4G;
}

uint64_t ram_above_4g(void)
{
	return machine.config->memory - ram_below_4g();
}

static void slot_must(gpa_t gpa, uint64_t size, void *host)
{
	must(slot_add(gpa, size, host, 0), "KVM_SET_USER_MEMORY_REGION");
}

void ram_create(void)
{
	uint64_t size = machine.config->memory;

	if (size < 1 << 20)
		machine_end(NULL, VM_END_ERROR, 0,
			    "%llu bytes of memory: at least 1 MiB is needed",
			    (unsigned long long)size);
	ram = mmap(NULL, size + RAM_SPARE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED)
		must(-1, "mapping the guest's memory");
	slot_must(0, RAM_LOW_END, ram);
	slot_must(RAM_ROM, ram_below_4g() - RAM_ROM, ram + RAM_ROM);
	if (ram_above_4g())
		slot_must(FOUR_GIB, ram_above_4g(), ram + ram_below_4g());
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

void *ram_write_at(gpa_t gpa, uint64_t size)
{
	void *at = ram_at(gpa, size);

	if (at)
		ram_dirtied_at(at, size);
	return at;
}

void ram_write(gpa_t gpa, const void *from, uint64_t size)
{
	void *to;

	if (!size)
		return;
	to = ram_write_at(gpa, size);
	if (!to)
		machine_end(NULL, VM_END_ERROR, 0,
			    "no RAM for %llu bytes at %#llx",
			    (unsigned long long)size, (unsigned long long)gpa);
	memcpy(to, from, size);
}

void *ram_page(uint64_t page)
{
	return ram + page * RAM_PAGE;
}

uint64_t ram_pages(void)
{
	return (machine.config->memory + RAM_SPARE) / RAM_PAGE;
}

void *ram_spare(uint64_t size)
{
	void *at = ram + machine.config->memory + spare_used;

	if (!size || size % RAM_PAGE || size > RAM_SPARE - spare_used)
		return NULL;
	spare_used += size;
	return at;
}

void ram_spare_free(void)
{
	if (spare_used)
		madvise(ram + machine.config->memory, spare_used, MADV_DONTNEED);
	spare_used = 0;
}
