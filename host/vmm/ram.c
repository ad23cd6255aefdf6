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

static uint8_t *ram;
static struct ram_range ranges[RAM_RANGES];
static unsigned int range_count;

unsigned int ram_slots(struct slot *slots)
{
	for (unsigned int i = 0; i < range_count; i++)
		slots[i] = (struct slot){
			ranges[i].gpa, ranges[i].size, ram + ranges[i].offset, 0
		};
	return range_count;
}

void ram_create(void)
{
	uint64_t size = machine.config->memory;
	struct slot slots[RAM_RANGES];
	unsigned int count;

	if (size < 1 << 20)
		machine_end(NULL, VM_END_ERROR, 0,
			    "%llu bytes of memory: at least 1 MiB is needed",
			    (unsigned long long)size);
	ram = mmap(NULL, size + RAM_SPARE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED)
		must(-1, "mapping the guest's memory");
	range_count = arch_ram(ranges);
	count = ram_slots(slots);
	for (unsigned int i = 0; i < count; i++)
		must(slot_add(slots[i].gpa, slots[i].size, slots[i].host, 0),
		     "KVM_SET_USER_MEMORY_REGION");
}

void *ram_at(gpa_t gpa, uint64_t size)
{
	for (unsigned int i = 0; i < range_count; i++)
		if (range_contains((struct range){ ranges[i].gpa, ranges[i].size },
				   gpa, size))
			return ram + ranges[i].offset + (gpa - ranges[i].gpa);
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

bool ram_string(gpa_t gpa, char *to, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++) {
		const char *at = ram_at(gpa + i, 1);

		if (!at)
			return false;
		to[i] = *at;
		if (!to[i])
			return true;
	}
	return false;
}

void *ram_page(uint64_t page)
{
	return ram + page * RAM_PAGE;
}

uint64_t ram_pages(void)
{
	return (machine.config->memory + RAM_SPARE) / RAM_PAGE;
}

bool ram_has(const void *host)
{
	return (uintptr_t)host - (uintptr_t)ram < ram_pages() * RAM_PAGE;
}

void *ram_spare(uint64_t offset, uint64_t size)
{
	if (offset > RAM_SPARE || size > RAM_SPARE - offset)
		return NULL;
	return ram + machine.config->memory + offset;
}

void ram_spare_clear(uint64_t size)
{
	if (size)
		memset(ram + machine.config->memory, 0, size);
	ram_dirtied_at(ram + machine.config->memory, size);
}
