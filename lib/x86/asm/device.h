/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine may or may not have, found out by trying. */
#ifndef ASM_DEVICE_H
#define ASM_DEVICE_H

#include <base.h>

/* X(constant, name): <device.h> makes enum device of it */
#define DEVICES(X)							\
	X(DEVICE_KVM, "KVM paravirtual interface")			\
	X(DEVICE_FEP, "forced-emulation prefix")			\
	X(DEVICE_PC_TESTDEV, "pc-testdev")				\
	X(DEVICE_TESTDEV_MEMORY, "pc-testdev's memory")			\
	X(DEVICE_PCI_TESTDEV, "pci-testdev")				\
	X(DEVICE_PM_TIMER, "ACPI PM timer")

/* 64 KiB that are a device's: accesses are emulated, reads give what was written. */
#define TESTDEV_MEMORY		0xff000000u
#define TESTDEV_MEMORY_SIZE	0x10000

/**
 * testdev_nmi() - the VMM sends an NMI to the CPU with this APIC id
 */
void testdev_nmi(u32 apic_id);

#endif
