/* SPDX-License-Identifier: BSD-2-Clause */
/* From an address to the device that claims it. */
#include <stdlib.h>
#include <string.h>

#include "base/range.h"
#include "vmm/machine.h"

#define FIXED_MAX	128

struct claim {
	gpa_t base;		/* of a movable one: atomic */
	struct bus_range range;
	struct device *device;
};

/* Those that stay are sorted by space and base, and searched first. */
static struct claim fixed[FIXED_MAX];
static unsigned int fixed_count;
static struct claim movable[BUS_MOVABLE];
static unsigned int movable_count;

static int claim_compare(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->range.space != y->range.space)
		return x->range.space < y->range.space ? -1 : 1;
	return x->base < y->base ? -1 : x->base > y->base;
}

static void fixed_add(struct device *device)
{
	for (unsigned int i = 0; i < DEVICE_RANGES; i++) {
		const struct bus_range *r = &device->ranges[i];

		if (r->space == BUS_NONE)
			continue;
		if (fixed_count == FIXED_MAX)
			machine_end(NULL, VM_END_ERROR, 0,
				    "more than %u ranges of devices", FIXED_MAX);
		fixed[fixed_count++] = (struct claim){ r->base, *r, device };
	}
}

void bus_init(void)
{
	fixed_count = 0;
	for_each_device(d)
		if (d->there)
			fixed_add(d);
	qsort(fixed, fixed_count, sizeof(*fixed), claim_compare);
	for (unsigned int i = 1; i < fixed_count; i++) {
		const struct claim *a = &fixed[i - 1], *b = &fixed[i];

		if (a->range.space == b->range.space &&
		    b->base - a->base < a->range.size)
			machine_end(NULL, VM_END_ERROR, 0,
				    "%s and %s both claim %#llx", a->device->name,
				    b->device->name, (unsigned long long)b->base);
	}
}

unsigned int bus_add(struct device *device, const struct bus_range *range)
{
	if (movable_count == BUS_MOVABLE)
		machine_end(NULL, VM_END_ERROR, 0,
			    "more than %u ranges that move", BUS_MOVABLE);
	movable[movable_count] = (struct claim){ range->base, *range, device };
	return movable_count++;
}

void bus_move(unsigned int id, gpa_t base)
{
	__atomic_store_n(&movable[id].base, base, __ATOMIC_RELEASE);
}

/* Does it claim @at?  Sets @offset in it. */
static bool claim_holds(const struct claim *claim, enum bus_space space, gpa_t at,
			uint64_t *offset)
{
	struct range range = {
		__atomic_load_n(&claim->base, __ATOMIC_ACQUIRE), claim->range.size
	};

	*offset = at - range.base;
	return claim->range.space == space && range_contains(range, at, 1);
}

static const struct claim *claim_find(enum bus_space space, gpa_t at,
				      uint64_t *offset)
{
	unsigned int low = 0, high = fixed_count;

	/* The first fixed one that begins behind @at. */
	while (low < high) {
		unsigned int middle = (low + high) / 2;
		const struct claim *c = &fixed[middle];

		if (c->range.space < space ||
		    (c->range.space == space && c->base <= at))
			low = middle + 1;
		else
			high = middle;
	}
	if (low && claim_holds(&fixed[low - 1], space, at, offset))
		return &fixed[low - 1];
	for (unsigned int i = 0; i < movable_count; i++)
		if (claim_holds(&movable[i], space, at, offset))
			return &movable[i];
	return NULL;
}

static void claim_access(const struct claim *claim, uint64_t offset, void *data,
			 unsigned int size, bool write)
{
	const struct bus_range *range = &claim->range;
	uint64_t value = ~0ull;

	if (!claim->device->lockless)
		pthread_mutex_lock(&claim->device->lock);
	if (!write) {
		if (range->read)
			value = range->read(offset, size);
		memcpy(data, &value, size);
	} else if (range->write) {
		value = 0;
		memcpy(&value, data, size);
		range->write(offset, size, value);
	}
	if (!claim->device->lockless)
		pthread_mutex_unlock(&claim->device->lock);
}

bool bus_access(enum bus_space space, gpa_t at, void *data, unsigned int size,
		bool write)
{
	uint8_t *bytes = data;
	bool claimed = true;

	while (size) {
		uint64_t offset;
		const struct claim *claim = claim_find(space, at, &offset);
		unsigned int n = 1;

		if (claim) {
			n = claim->range.width ? claim->range.width : 8;
			n = n < size ? n : size;
			if (n > claim->range.size - offset)
				n = claim->range.size - offset;
			claim_access(claim, offset, bytes, n, write);
		} else {
			claimed = false;
			if (!write)
				*bytes = 0xff;
		}
		bytes += n;
		at += n;
		size -= n;
	}
	return claimed;
}
