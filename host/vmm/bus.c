/* SPDX-License-Identifier: BSD-2-Clause */
/* From an address to the device that claims it. */
#include <pthread.h>
#include <string.h>

#include "base/range.h"
#include "vmm/machine.h"

extern const struct device *const __start_vm_devices[];
extern const struct device *const __stop_vm_devices[];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void bus_init(void)
{
	const struct device *const *d;

	for (d = __start_vm_devices; d < __stop_vm_devices; d++)
		if ((*d)->init)
			(*d)->init();
}

static const struct bus_range *range_find(enum bus_space space, gpa_t at,
					  unsigned int size)
{
	const struct device *const *d;

	for (d = __start_vm_devices; d < __stop_vm_devices; d++)
		for (unsigned int i = 0; i < DEVICE_RANGES; i++) {
			const struct bus_range *r = &(*d)->ranges[i];
			struct range range = { r->base, r->size };

			if (r->space == space && range_contains(range, at, size))
				return r;
		}
	return NULL;
}

bool bus_access(enum bus_space space, gpa_t at, void *data, unsigned int size,
		bool write)
{
	const struct bus_range *range = range_find(space, at, size);
	uint64_t value = 0;

	if (!range) {
		__atomic_fetch_add(&machine.unclaimed, 1, __ATOMIC_RELAXED);
		if (!write)
			memset(data, 0xff, size);
		return false;
	}
	pthread_mutex_lock(&lock);
	if (write) {
		memcpy(&value, data, size);
		if (range->write)
			range->write(at - range->base, size, value);
	} else {
		value = range->read ? range->read(at - range->base, size) : ~0ull;
		memcpy(data, &value, size);
	}
	pthread_mutex_unlock(&lock);
	return true;
}
