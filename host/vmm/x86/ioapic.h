/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt chips that are this VMM's where they are not the kernel's. */
#ifndef HOST_VMM_X86_IOAPIC_H
#define HOST_VMM_X86_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

/* The I/O APIC as a sender of messages, to an IOMMU (VT-d 3.4, QEMU's Q35). */
#define IOAPIC_SOURCE	0xff00u

struct ioapic_message {
	uint64_t address;
	uint32_t data;
};

/**
 * ioapic_line(), pic_line() - the level of an input from now on
 */
void ioapic_line(unsigned int input, bool high);
void pic_line(unsigned int input, bool high);

/**
 * ioapic_eoi() - a CPU has dealt with a level-triggered interrupt
 */
void ioapic_eoi(uint8_t vector);

/**
 * ioapic_remap() - how the IOMMU remaps interrupts has changed
 */
void ioapic_remap(void);

/**
 * pic_pending() - do the 8259s have an interrupt for the boot CPU?
 */
bool pic_pending(void);

#endif
