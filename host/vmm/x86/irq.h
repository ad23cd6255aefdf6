/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts on their way from devices to CPUs. */
#ifndef HOST_VMM_X86_IRQ_H
#define HOST_VMM_X86_IRQ_H

#include <stdbool.h>
#include <stdint.h>

/* Inputs of the IOAPIC; the first 16 are those of the 8259s too. */
#define IRQ_LINES	24

/* Who drives a line.  A line is high while any of them says so. */
enum irq_source {
	IRQ_FROM_TESTDEV, IRQ_FROM_PCI, IRQ_FROM_RTC, IRQ_FROM_ACPI,
	IRQ_FROM_HPET, IRQ_FROM_PIT, IRQ_FROM_REQUEST,
};

/**
 * irq_line() - drive an interrupt line
 * @source: who drives it
 * @line: below IRQ_LINES
 * @high: the level from now on
 *
 * The interrupt is pending when this returns.
 */
void irq_line(enum irq_source source, unsigned int line, bool high);

/**
 * irq_msi() - deliver a message-signalled interrupt, not remapped (SDM 3A,
 * message signalled interrupts)
 * @address: where the device would write
 * @data: what
 *
 * Returns false if no CPU took it, which is the guest's affair.
 */
bool irq_msi(uint64_t address, uint32_t data);

struct kvm_irq_routing_entry;

/* Numbers of routes: the lines' first, others' behind them. */
#define IRQ_ROUTES	(IRQ_LINES + 1024)

/**
 * irq_route() - say where an interrupt number of KVM's leads, from the commit on
 * @number: below IRQ_ROUTES
 * @entry: whose gsi is @number; NULL: where it leads by default
 */
void irq_route(unsigned int number, const struct kvm_irq_routing_entry *entry);

/**
 * irq_routes_commit() - tell KVM of what irq_route() changed, if anything
 */
void irq_routes_commit(void);

#endif
