/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saved machines' files: a good one, changed here and there.  Mostly the sums are
 * made right again, so that what lies behind them is reached: any device with any
 * state, which then is used.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "fuzz/fake.h"
#include "vmm/device.h"
#include "vmm/machine.h"
#include "vmm/save.h"
#include "vmm/state_file.h"

#define CHANGES		32

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *good, *changed;		/* whole files */
static size_t file_size;
static struct vm_config config;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct vm_config machine_config = {
		.image = "x86/none.flat", .cpus = 2, .memory = 1 << 20, .test_device = true,
		.pit = true, .platform = { .irqchip = VM_IRQCHIP_OFF, .vmport = true },
	};
	int fd = memfd_create("saved", 0);
	struct stat status;

	(void)argc;
	(void)argv;
	fake_machine(&machine_config);
	if (!save_machine(fd) || fstat(fd, &status) < 0)
		abort();
	file_size = status.st_size;
	good = malloc(file_size);
	changed = malloc(file_size);
	if (!good || !changed || pread(fd, good, file_size, 0) != (ssize_t)file_size)
		abort();
	close(fd);
	config = *machine.config;
	return 0;
}

static void sums_right(void)
{
	struct state_file_header *header = (void *)changed;
	struct state_file_section *s = (void *)(header + 1);

	for (uint32_t i = 0; i < header->sections; i++)
		if (s[i].size <= file_size && s[i].offset <= file_size - s[i].size)
			s[i].sum = hash_bytes(changed + s[i].offset, s[i].size);
	header->sum = hash_bytes(s, header->sections * sizeof(*s));
}

/* A byte of the header, of the table, or of a section's first bytes. */
static size_t place(struct input *input)
{
	const struct state_file_header *header = (const void *)good;
	const struct state_file_section *s = (const void *)(header + 1);
	unsigned int n = input_number(input, 1);
	size_t at = input_number(input, 2);

	if (n < header->sections && s[n].size)
		return s[n].offset + at % s[n].size;
	return at % (sizeof(*header) + header->sections * sizeof(*s));
}

static void change(struct input *input)
{
	const struct state_file_header *header = (const void *)good;
	unsigned int n = input_number(input, 1) % CHANGES;

	memcpy(changed, good, file_size);
	while (n--) {
		size_t at = place(input);
		unsigned int bytes = 1 + input_number(input, 1) % 8;
		uint64_t value = input_number(input, bytes);

		memcpy(changed + at, &value, bytes < file_size - at ? bytes : file_size - at);
	}
	if (((const struct state_file_header *)changed)->sections != header->sections)
		return;		/* its sums cannot be known */
	if (input_number(input, 1) & 15)
		sums_right();
}

static void load(int fd)
{
	config.conduct.load = "fuzzed";
	config.conduct.load_fd = fd;
	machine.config = load_config(&config);
	if (machine.config->cpus != config.cpus || machine.config->memory != config.memory) {
		machine.config = &config;	/* a machine of that kind there is not */
		return;
	}
	fake_ram_written();
	load_machine();
}

/* With state that no guest could have brought about. */
static void use(struct input *input)
{
	uint8_t data[8];

	for_each_device(d)
		for (unsigned int i = 0; d->there && i < DEVICE_RANGES; i++) {
			const struct bus_range *r = &d->ranges[i];
			unsigned int how = input_number(input, 1);

			if (r->space == BUS_NONE)
				continue;
			memset(data, how, sizeof(data));
			bus_access(r->space, r->base + input_number(input, 1) % r->size, data,
				   1u << (how & 3), how & 4);
			fake_works();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	int fd;

	fake_reset();
	change(&input);
	fd = fake_file(changed, input_number(&input, 1) ? file_size :
		       input_number(&input, 2) % file_size);
	free(vm_saved_image(fd));
	if (FAKE_TRY(load(fd)))
		FAKE_TRY(use(&input));
	machine.config = &config;
	machine.loading = false;
	return 0;
}
