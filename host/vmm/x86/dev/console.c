/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a guest prints: a 16550 UART at COM1, transmit only, and the debug console.
 * Bytes leave at once: a guest that hangs after half a line has said it.
 */
#include "abi/verdict.h"
#include "vmm/machine.h"

#define UART_DATA	0
#define UART_IER	1
#define UART_IIR	2
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_MSR	6
#define UART_SCRATCH	7
#define LCR_DLAB	0x80
#define LSR_EMPTY	0x60	/* transmitter holding register and shift register */

static struct {
	uint8_t divisor[2], ier, fcr, lcr, mcr, scratch;
} uart = { .divisor = { 0x0c, 0x00 } };

static uint64_t uart_read(uint64_t offset, unsigned int size)
{
	bool dlab = uart.lcr & LCR_DLAB;

	(void)size;
	switch (offset) {
	case UART_DATA:
		return dlab ? uart.divisor[0] : 0;
	case UART_IER:
		return dlab ? uart.divisor[1] : uart.ier;
	case UART_IIR:		/* nothing pending; FIFOs as enabled */
		return uart.fcr & 1 ? 0xc1 : 0x01;
	case UART_LCR:
		return uart.lcr;
	case UART_MCR:
		return uart.mcr;
	case UART_LSR:
		return LSR_EMPTY;
	case UART_MSR:		/* carrier, data set ready, clear to send */
		return 0xb0;
	default:
		return uart.scratch;
	}
}

static void uart_write(uint64_t offset, unsigned int size, uint64_t value)
{
	uint8_t byte = value;
	bool dlab = uart.lcr & LCR_DLAB;

	(void)size;
	if (offset == UART_DATA && !dlab)
		console_write(&byte, 1);
	else if (offset <= UART_IER && dlab)
		uart.divisor[offset] = byte;
	else if (offset == UART_IER)
		uart.ier = byte & 0x0f;
	else if (offset == UART_IIR)
		uart.fcr = byte;
	else if (offset == UART_LCR)
		uart.lcr = byte;
	else if (offset == UART_MCR)
		uart.mcr = byte & 0x1f;
	else if (offset == UART_SCRATCH)
		uart.scratch = byte;
}

static struct device uart_device = {
	.name = "isa-serial",
	.text = "16550 UART at COM1, transmit only",
	.ranges = { { BUS_PORT, 0x3f8, 8, uart_read, uart_write, 1,
		      "registers" } },
	.state = DEVICE_STATE(1, uart),
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
