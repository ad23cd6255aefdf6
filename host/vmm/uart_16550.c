/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 16550's registers.  Bytes leave at once: a guest that hangs after half a line has
 * said it.
 */
#include "vmm/uart_16550.h"

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

struct uart_16550 uart_16550 = { .divisor = { 0x0c, 0x00 } };

uint64_t uart_16550_read(uint64_t offset, unsigned int size)
{
	bool dlab = uart_16550.lcr & LCR_DLAB;

	(void)size;
	switch (offset) {
	case UART_DATA:
		return dlab ? uart_16550.divisor[0] : 0;
	case UART_IER:
		return dlab ? uart_16550.divisor[1] : uart_16550.ier;
	case UART_IIR:		/* nothing pending; FIFOs as enabled */
		return uart_16550.fcr & 1 ? 0xc1 : 0x01;
	case UART_LCR:
		return uart_16550.lcr;
	case UART_MCR:
		return uart_16550.mcr;
	case UART_LSR:
		return LSR_EMPTY;
	case UART_MSR:		/* carrier, data set ready, clear to send */
		return 0xb0;
	default:
		return uart_16550.scratch;
	}
}

void uart_16550_write(uint64_t offset, unsigned int size, uint64_t value)
{
	uint8_t byte = value;
	bool dlab = uart_16550.lcr & LCR_DLAB;

	(void)size;
	if (offset == UART_DATA && !dlab)
		console_write(&byte, 1);
	else if (offset <= UART_IER && dlab)
		uart_16550.divisor[offset] = byte;
	else if (offset == UART_IER)
		uart_16550.ier = byte & 0x0f;
	else if (offset == UART_IIR)
		uart_16550.fcr = byte;
	else if (offset == UART_LCR)
		uart_16550.lcr = byte;
	else if (offset == UART_MCR)
		uart_16550.mcr = byte & 0x1f;
	else if (offset == UART_SCRATCH)
		uart_16550.scratch = byte;
}
