/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a guest prints: a 16550 UART at COM1, transmit only, and the debug console.
 * Bytes leave at once: a guest that hangs after half a line has said it.
 */
#include "abi/verdict.h"
#include "vmm/machine.h"
#include "vmm/uart_16550.h"

static struct device uart_device = {
	.name = "isa-serial",
	.text = "16550 UART at COM1, transmit only",
	.ranges = { { BUS_PORT, 0x3f8, 8, uart_16550_read, uart_16550_write,
		      1, "registers" } },
	.state = DEVICE_STATE(1, uart_16550),
};
DEVICE_REGISTER(uart_device);

static uint64_t debug_console_read(uint64_t offset, unsigned int size)
{
	(void)offset;
	(void)size;
	return ABI_DEBUG_CONSOLE_PORT;
}

static void debug_console_write(uint64_t offset, unsigned int size,
				uint64_t value)
{
	(void)offset;
	console_write(&value, size);
}

static struct device debug_console_device = {
	.name = "isa-debugcon",
	.text = "debug console",
	.ranges = { { BUS_PORT, ABI_DEBUG_CONSOLE_PORT, 1, debug_console_read,
		      debug_console_write, 1, "one byte of text; reads give 0xe9" } },
	.lockless = true,
};
DEVICE_REGISTER(debug_console_device);
