/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices this machine has, and the list of all that there are. */
#include <string.h>

#include "base/str.h"
#include "vmm/machine.h"

const char *device_asked(const struct vm_config *config, const char *name)
{
	const char *const *word = config->devices;

	for (; word && *word; word++)
		if (str_same(*word, strcspn(*word, ","), name))
			return *word;
	return NULL;
}

/* "intremap=on": a switch that the device has? */
static bool switch_known(const struct device *d, const char *word, size_t length)
{
	const char *equals = memchr(word, '=', length);
	size_t name = equals ? (size_t)(equals - word) : length, value = length - name;

	if (!str_same(word + name, value, "=on") && !str_same(word + name, value, "=off"))
		return false;
	for (unsigned int i = 0; d->switches[i]; i++)
		if (str_same(word, name, d->switches[i]))
			return true;
	return false;
}

bool vm_device_known(const char *word)
{
	const char *rest = word + strcspn(word, ","), *property;
	size_t name = rest - word, length;

	for_each_device(d) {
		if (!str_same(word, name, d->name))
			continue;
		while ((property = str_word(&rest, ",", &length)))
			if (!switch_known(d, property, length))
				return false;
		return true;
	}
	return false;
}

void device_init(void)
{
	const char *const *word = machine.config->devices;

	for (; word && *word; word++)
		if (!vm_device_known(*word))
			machine_end(NULL, VM_END_UNSUPPORTED, 0,
				    "this VMM has no device '%s'", *word);
	for_each_device(d) {
		pthread_mutex_init(&d->lock, NULL);
		d->there = d->present ? d->present() :
			!d->optional || device_asked(machine.config, d->name);
	}
	bus_init();
	for_each_device(d)
		if (d->there && d->init)
			d->init();
}

const char *device_option(const char *device, const char *key, size_t *length)
{
	const char *word = device_asked(machine.config, device);
	const char *rest = word ? strchr(word, ',') : NULL;

	while (rest && (word = str_word(&rest, ",", length))) {
		size_t name = strcspn(word, "=,");

		if (name < *length && str_same(word, name, key)) {
			*length -= name + 1;
			return word + name + 1;
		}
	}
	return NULL;
}
