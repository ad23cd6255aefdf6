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

static const struct device debug_exit_device = {
	.name = "debug exit",
	.ranges = { { BUS_PORT, ABI_DEBUG_EXIT_PORT, 4, zero_read,
		      debug_exit_write } },
};
DEVICE_REGISTER(debug_exit_device);

static void shutdown_write(uint64_t offset, unsigned int size, uint64_t value)
{
	static const char word[] = "Shutdown";
	static unsigned int matched;

	(void)offset;
	(void)size;
	matched = value == (uint8_t)word[matched] ? matched + 1 :
		value == (uint8_t)word[0];
	if (!word[matched])
		machine_end(NULL, VM_END_POWER_OFF, 0,
			    "power-off through port 0x8900");
}

static const struct device shutdown_device = {
	.name = "Bochs power-off",
	.ranges = { { BUS_PORT, ABI_BOCHS_SHUTDOWN_PORT, 1, zero_read,
		      shutdown_write } },
};
DEVICE_REGISTER(shutdown_device);

static const struct device post_device = {
	.name = "POST port",
	.ranges = { { BUS_PORT, 0x80, 1, zero_read, NULL } },
};
DEVICE_REGISTER(post_device);
