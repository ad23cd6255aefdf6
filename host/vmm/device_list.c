/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of all devices, in the order of their names. */
#include <stdlib.h>
#include <string.h>

#include "vmm/machine.h"
#include "vmm/pci.h"

static int name_compare(const void *a, const void *b)
{
	const struct device *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Ended by NULL; the caller frees it. */
static struct device **sorted(void)
{
	size_t count = __stop_vm_devices - __start_vm_devices;
	struct device **list = calloc(count + 1, sizeof(*list));

	if (!list)
		abort();
	memcpy(list, __start_vm_devices, count * sizeof(*list));
	qsort(list, count, sizeof(*list), name_compare);
	return list;
}

static const char *device_when(const struct device *d)
{
	return d->present ? d->when : d->optional ? "if asked for by -device" : "always";
}

static const char *space_name(const struct bus_range *range)
{
	return range->space == BUS_PORT ? "port" : "memory";
}

static void ranges_text(FILE *to, const struct device *d)
{
	for (unsigned int i = 0; i < DEVICE_RANGES; i++) {
		const struct bus_range *r = &d->ranges[i];
		char range[48];

		if (r->space == BUS_NONE)
			continue;
		snprintf(range, sizeof(range), "%#llx-%#llx", (unsigned long long)r->base,
			 (unsigned long long)(r->base + r->size - 1));
		fprintf(to, "    %-6s %-21s %s\n", space_name(r), range,
			r->text ? r->text : "");
	}
}

/* A function's BARs go where PCI puts them: their sizes are what stays. */
static void functions_text(FILE *to, const struct device *d)
{
	for_each_pci_function(f) {
		if (f->device != d)
			continue;
		fprintf(to, "    pci    00:%02x.%u                %04x:%04x\n", f->devfn >> 3,
			f->devfn & 7, f->id[0], f->id[1]);
		for (unsigned int n = 0; n < PCI_BARS; n++)
			if (f->bars[n].space != BUS_NONE)
				fprintf(to, "    %-6s %-21s %llu bytes\n",
					space_name(&f->bars[n]), f->bars[n].text,
					(unsigned long long)f->bars[n].size);
	}
}

void device_list_text(FILE *to)
{
	struct device **list = sorted();

	for (struct device **d = list; *d; d++) {
		fprintf(to, "%s: %s; %s\n", (*d)->name, (*d)->text, device_when(*d));
		ranges_text(to, *d);
		functions_text(to, *d);
	}
	free(list);
}

static void ranges_json(FILE *to, const struct device *d)
{
	const char *between = "";

	for (unsigned int i = 0; i < DEVICE_RANGES; i++) {
		const struct bus_range *r = &d->ranges[i];

		if (r->space == BUS_NONE)
			continue;
		fprintf(to, "%s\n\t{\"space\": \"%s\", \"base\": %llu, \"size\": %llu, "
			"\"text\": \"%s\"}", between, space_name(r),
			(unsigned long long)r->base, (unsigned long long)r->size,
			r->text ? r->text : "");
		between = ",";
	}
}

static void functions_json(FILE *to, const struct device *d)
{
	const char *between = "";

	for_each_pci_function(f) {
		if (f->device != d)
			continue;
		fprintf(to, "%s\n\t{\"devfn\": %u, \"vendor\": %u, \"device\": %u, \"bars\": [",
			between, f->devfn, f->id[0], f->id[1]);
		between = ",";
		for (unsigned int n = 0; n < PCI_BARS && f->bars[n].space != BUS_NONE; n++)
			fprintf(to, "%s{\"space\": \"%s\", \"size\": %llu}", n ? ", " : "",
				space_name(&f->bars[n]), (unsigned long long)f->bars[n].size);
		fputs("]}", to);
	}
}

/* Names and texts are ours: they need no escapes. */
void device_list_json(FILE *to)
{
	struct device **list = sorted();

	for (struct device **d = list; *d; d++) {
		fprintf(to, "%s\n{\"name\": \"%s\", \"text\": \"%s\", \"when\": \"%s\", "
			"\"state\": {\"version\": %u, \"bytes\": %zu}, \"ranges\": [",
			d == list ? "[" : ",", (*d)->name, (*d)->text, device_when(*d),
			(*d)->state.version, (*d)->state.size);
		ranges_json(to, *d);
		fputs("], \"pci\": [", to);
		functions_json(to, *d);
		fputs("]}", to);
	}
	fputs("\n]\n", to);
	free(list);
}
