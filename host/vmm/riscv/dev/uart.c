/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a guest prints. */
#include "vmm/machine.h"
#include "vmm/uart_16550.h"

static struct device uart_device = {
	.name = "ns16550a",
	.text = "16550 UART, transmit only",
	.ranges = { { BUS_MEMORY, UART_BASE, 8, uart_16550_read, uart_16550_write, 1,
		      "registers" } },
	.state = DEVICE_STATE(1, uart_16550),
};
DEVICE_REGISTER(uart_device);
