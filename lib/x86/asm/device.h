/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine may or may not have, found out by trying. */
#ifndef ASM_DEVICE_H
#define ASM_DEVICE_H

#include <base.h>

/* X(constant, name) */
#define DEVICES(X)							\
	X(DEVICE_KVM, "KVM paravirtual interface")			\
	X(DEVICE_FEP, "forced-emulation prefix")			\
	X(DEVICE_PC_TESTDEV, "pc-testdev")				\
	X(DEVICE_PCI_TESTDEV, "pci-testdev")				\
	X(DEVICE_PM_TIMER, "ACPI PM timer")				\
	X(TESTDEV_NMI, "NMI injection by the VMM")			\
	X(TESTDEV_EXITS, "exit counter of the VMM")

enum device {
	DEVICE_NONE,
#define DEVICE_CONSTANT(constant, name) constant,
	DEVICES(DEVICE_CONSTANT)
#undef DEVICE_CONSTANT
};

/**
 * device_present() - is it there? @name, if not NULL, is set to what to call it
 */
bool device_present(enum device device, const char **name);

/**
 * testdev_nmi() - the VMM sends an NMI to the CPU with this APIC id
 */
void testdev_nmi(u32 apic_id);

/**
 * testdev_exits() - exits to the VMM so far, of all CPUs; this asks for one
 */
u32 testdev_exits(void);

/* The machine's own doors, for the harness. */

/**
 * console_write() - bytes to the debug console if there is one, else the UART
 */
void console_write(const char *text, size_t size);

/**
 * machine_exit() - leave with @code by every means that the machine might have
 */
void machine_exit(unsigned int code) __attribute__((noreturn));

/**
 * doorbell() - wait until the ledger's reader has made room
 */
void doorbell(void);

/**
 * machine_cpu_count() - what fw_cfg or ACPI say, 0 if nobody says
 */
unsigned int machine_cpu_count(void);

#endif
