/* SPDX-License-Identifier: BSD-2-Clause */
/* fw_cfg: descriptors of its DMA, chained by selectors, anywhere in memory. */
#include <string.h>

#include "fuzz/fake.h"
#include "vmm/device.h"
#include "vmm/machine.h"

#define DMA_PORT	0x514
#define DESCRIPTOR	16
#define TIMES		32

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct vm_config config = { .cpus = 1, .memory = 1 << 20 };

	(void)argc;
	(void)argv;
	fake_machine(&config);
	return 0;
}

static void port_write(uint64_t port, uint64_t value, unsigned int size)
{
	uint8_t bytes[8];

	memcpy(bytes, &value, sizeof(bytes));
	bus_access(BUS_PORT, port, bytes, size, true);
}

/* Big-endian, as the interface has it; its place is in memory, or nearly. */
static void descriptor_run(struct input *input)
{
	unsigned int how = input_number(input, 1);
	uint64_t at = how & 1 ? input_number(input, 8) : input_number(input, 3);
	uint8_t *to = ram_write_at(at, DESCRIPTOR);
	uint8_t bytes[DESCRIPTOR];

	for (unsigned int i = 0; i < DESCRIPTOR; i++)
		bytes[i] = input_number(input, 1);
	if (how & 2)
		bytes[3] &= 0x1f;	/* control: bits that mean something */
	if (how & 4)
		bytes[4] = bytes[5] = 0;	/* length: up to 64 KiB */
	if (how & 8)
		memset(bytes + 8, 0, 5);	/* address: below 16 MiB */
	if (to)
		memcpy(to, bytes, DESCRIPTOR);
	if (how & 16)
		port_write(0x510, input_number(input, 2), 2);
	if (how & 32) {
		port_write(DMA_PORT, __builtin_bswap64(at), 8);
	} else {
		port_write(DMA_PORT, __builtin_bswap32(at >> 32), 4);
		port_write(DMA_PORT + 4, __builtin_bswap32(at), 4);
	}
	fake_works();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	fake_reset();
	for (unsigned int i = 0; i < TIMES && input.left; i++)
		if (!FAKE_TRY(descriptor_run(&input)))
			break;
	return 0;
}
