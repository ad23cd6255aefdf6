/* SPDX-License-Identifier: BSD-2-Clause */
/* Accesses of any size and order, at any address, to every device. */
#include <string.h>

#include "fuzz/fake.h"
#include "vmm/device.h"
#include "vmm/machine.h"

#define RANGES		256
#define ACCESSES	200	/* of one input */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	enum bus_space space;
	uint64_t base, size;
} ranges[RANGES];
static unsigned int range_count;

static void range_note(enum bus_space space, uint64_t base, uint64_t size)
{
	if (range_count == RANGES)
		return;
	ranges[range_count].space = space;
	ranges[range_count].base = base;
	ranges[range_count++].size = size;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct vm_config config = {
		.cpus = 2, .memory = 1 << 20, .test_device = true, .pit = true,
		.platform = { .irqchip = VM_IRQCHIP_SPLIT, .vmport = true },
	};

	(void)argc;
	(void)argv;
	fake_machine(&config);
	for_each_device(d)
		for (unsigned int i = 0; d->there && i < DEVICE_RANGES; i++)
			if (d->ranges[i].space != BUS_NONE)
				range_note(d->ranges[i].space, d->ranges[i].base,
					   d->ranges[i].size);
	/* Where BARs are put at first, and what they may be moved to. */
	range_note(BUS_MEMORY, 0xfe000000, 16 << 20);
	range_note(BUS_PORT, 0xc000, 0x1000);
	return 0;
}

/* An address near one that is claimed, or any. */
static uint64_t address(struct input *input, enum bus_space *space)
{
	unsigned int which = input_number(input, 1);
	uint64_t offset = input_number(input, 2);

	if (which < range_count) {
		*space = ranges[which].space;
		/* Its edges count, too. */
		return ranges[which].base + offset % (ranges[which].size + 8) -
			(offset == 0xffff);
	}
	*space = which & 1 ? BUS_PORT : BUS_MEMORY;
	return *space == BUS_PORT ? offset : input_number(input, 8);
}

static void access_one(struct input *input)
{
	uint8_t data[8] = { 0 };
	enum bus_space space;
	uint64_t at = address(input, &space);
	unsigned int how = input_number(input, 1), size = 1 + (how >> 1) % 8;
	uint64_t value = how & 1 ? input_number(input, 1 + (how >> 4) % 8) : 0;

	memcpy(data, &value, sizeof(data));
	bus_access(space, at, data, size, how & 1);
	fake_works();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	fake_reset();
	for (unsigned int i = 0; i < ACCESSES && input.left; i++)
		if (!FAKE_TRY(access_one(&input)))
			break;
	return 0;
}
