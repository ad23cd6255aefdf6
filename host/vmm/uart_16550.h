/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of a 16550 UART, transmit only, for the device that has one. */
#ifndef HOST_VMM_UART_16550_H
#define HOST_VMM_UART_16550_H

#include <stdint.h>

struct uart_16550 {
	uint8_t divisor[2], ier, fcr, lcr, mcr, scratch;
};

extern struct uart_16550 uart_16550;	/* a machine has one */

/**
 * uart_16550_read(), uart_16550_write() - for struct bus_range: eight registers, a
 * byte each
 */
uint64_t uart_16550_read(uint64_t offset, unsigned int size);
void uart_16550_write(uint64_t offset, unsigned int size, uint64_t value);

#endif
