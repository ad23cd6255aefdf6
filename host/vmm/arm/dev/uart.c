/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a guest prints: a PL011 (DDI 0183), transmit only.  Bytes leave at once: a
 * guest that hangs after half a line has said it.
 */
#include "vmm/machine.h"

#define UART_DR		0x00
#define UART_FR		0x18
#define UART_CR		0x30
#define UART_ID		0xfe0	/* eight registers, a byte each */
#define FR_RXFE		0x10	/* nothing was received, */
#define FR_TXFE		0x80	/* and all is sent */

/* What is written, but for DR, reads back; nothing depends on it. */
static uint32_t registers[0x48 / 4] = { [UART_CR / 4] = 0x300 };

static uint64_t uart_read(uint64_t offset, unsigned int size)
{
	/* DDI 0183G, 3.3.14: PL011 r1p5; and PrimeCell's. */
	static const uint8_t id[8] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	(void)size;
	if (offset == UART_FR)
		return FR_RXFE | FR_TXFE;
	if (offset >= UART_ID)
		return id[(offset - UART_ID) / 4];
	return offset < sizeof(registers) ? registers[offset / 4] : 0;
}

static void uart_write(uint64_t offset, unsigned int size, uint64_t value)
{
	uint8_t byte = value;

	(void)size;
	if (offset == UART_DR)
		console_write(&byte, 1);
	else if (offset < sizeof(registers))
		registers[offset / 4] = value;
}

static struct device uart_device = {
	.name = "pl011",
	.text = "PL011 UART, transmit only",
	.ranges = { { BUS_MEMORY, UART_BASE, 0x1000, uart_read, uart_write, 4, "registers" } },
	.state = DEVICE_STATE(1, registers),
};
DEVICE_REGISTER(uart_device);
