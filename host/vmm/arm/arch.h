/* SPDX-License-Identifier: BSD-2-Clause */
/* arm64's part of vmm/arch.h, and the machine's addresses: those of QEMU's virt. */
#ifndef HOST_VMM_ARM_ARCH_H
#define HOST_VMM_ARM_ARCH_H

#define ARCH_NAME	"arm64"

#define GICD_BASE	0x08000000ull	/* 64 KiB */
#define GICC_BASE	0x08010000ull	/* GICv2's CPU interface, 8 KiB */
#define ITS_BASE	0x08080000ull	/* 128 KiB */
#define GICR_BASE	0x080a0000ull	/* 128 KiB a CPU */
#define UART_BASE	0x09000000ull
#define UART_SPI	1

#define HOST_PORTS	BUS_MEMORY
#define HOST_PORT	0x0b000000u
#define HOST_REGION	0x20000000ull

#define LARGEST_PAGE	0x10000ull	/* of guests */
#define RAM_BASE	0x40000000ull

#endif
