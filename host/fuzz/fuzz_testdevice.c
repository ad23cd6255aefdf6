/* SPDX-License-Identifier: BSD-2-Clause */
/* The test device: its ports, and what it finds in its page and in memory. */
#include <string.h>

#include "abi/host.h"
#include "fuzz/fake.h"
#include "vmm/device.h"
#include "vmm/host.h"
#include "vmm/machine.h"
#include "vmm/slots.h"

#define TIMES	48
#define PORTS	64

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct abi_host *page;
static struct abi_host first;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct vm_config config = {
		.cpus = 2, .memory = 1 << 20, .test_device = true,
	};

	(void)argc;
	(void)argv;
	fake_machine(&config);
	page = slot_get(slot_find(HOST_REGION))->host;
	first = *page;
	return 0;
}

static void command_run(struct input *input)
{
	unsigned int how = input_number(input, 1), size = 1u << (how & 3);
	uint64_t port = first.port + input_number(input, 1) % PORTS;
	uint64_t value = input_number(input, 1 + (how >> 5)), at;
	uint8_t bytes[8];

	if (how & 4) {		/* something in memory, where a command may look for it */
		uint8_t *to;

		at = input_number(input, 3);
		to = ram_write_at(at, 64);
		for (unsigned int i = 0; to && i < 64; i++)
			to[i] = input_number(input, 1);
		if (how & 16)
			value = at;
	}
	if (how & 8) {		/* or in the page that guest and host share */
		at = input_number(input, 2) % sizeof(*page);
		((uint8_t *)page)[at] = input_number(input, 1);
	}
	memcpy(bytes, &value, sizeof(bytes));
	bus_access(BUS_PORT, port, bytes, size < 8 ? size : 4, !(how & 16) || how & 4);
	fake_works();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	fake_reset();
	*page = first;
	for (unsigned int i = 0; i < TIMES && input.left; i++)
		if (!FAKE_TRY(command_run(&input)))
			break;
	return 0;
}
