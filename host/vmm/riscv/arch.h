/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64's part of vmm/arch.h, and the machine's addresses: those of QEMU's virt. */
#ifndef HOST_VMM_RISCV_ARCH_H
#define HOST_VMM_RISCV_ARCH_H

#define ARCH_NAME	"riscv64"

#define UART_BASE	0x10000000ull

#define HOST_PORTS	BUS_MEMORY
#define HOST_PORT	0x0b000000u
#define HOST_REGION	0x20000000ull

#define LARGEST_PAGE	0x1000ull	/* of guests: the smallest that there is */
#define RAM_BASE	0x80000000ull

#endif
