/* SPDX-License-Identifier: BSD-2-Clause */
/* How a guest ends: QEMU's isa-debug-exit, Bochs' power-off; and the POST port. */
#include <string.h>

#include "abi/verdict.h"
#include "vmm/machine.h"

static uint64_t zero_read(uint64_t offset, unsigned int size)
{
	(void)offset;
	(void)size;
	return 0;
}

static void debug_exit_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)offset;
	(void)size;
	machine_end(NULL, VM_END_DEBUG_EXIT, value, "debug exit with %u",
		    (unsigned int)value);
}

static struct device debug_exit_device = {
	.name = "isa-debug-exit",
	.text = "ends the machine with a status",
	.ranges = { { BUS_PORT, ABI_DEBUG_EXIT_PORT, 4, zero_read,
		      debug_exit_write, 0, "v: status (v << 1) | 1" } },
	.lockless = true,
};
DEVICE_REGISTER(debug_exit_device);

static unsigned int shutdown_matched;

static void shutdown_write(uint64_t offset, unsigned int size, uint64_t value)
{
	static const char word[] = "Shutdown";

	(void)offset;
	(void)size;
	shutdown_matched = value == (uint8_t)word[shutdown_matched] ?
		shutdown_matched + 1 : value == (uint8_t)word[0];
	if (!word[shutdown_matched])
		machine_end(NULL, VM_END_POWER_OFF, 0,
			    "power-off through port 0x8900");
}

static struct device shutdown_device = {
	.name = "bochs-poweroff",
	.text = "ends the machine, as on Bochs",
	.ranges = { { BUS_PORT, ABI_BOCHS_SHUTDOWN_PORT, 1, zero_read,
		      shutdown_write, 1, "takes the bytes of Shutdown" } },
	.state = DEVICE_STATE(1, shutdown_matched),
};
DEVICE_REGISTER(shutdown_device);

static struct device post_device = {
	.name = "post",
	.text = "POST codes, and the classic delay",
	.ranges = { { BUS_PORT, 0x80, 1, zero_read, NULL, 1, "ignored" } },
	.lockless = true,
};
DEVICE_REGISTER(post_device);
