/* SPDX-License-Identifier: BSD-2-Clause */
/* Local APIC, I/O APIC and inter-processor interrupts (SDM 3A, APIC chapter). */
#ifndef APIC_H
#define APIC_H

#include <base.h>
#include <defs/apic.h>

/**
 * apic_enable() - software-enable this CPU's APIC, in the mode it is in
 *
 * Also masks the 8259s once.  It never toggles IA32_APIC_BASE.EN: on some
 * machines that is a one-way street.
 */
void apic_enable(void);

/* What IA32_APIC_BASE says (SDM 3A, "Local APIC Status and Location", "x2APIC States"). */
enum apic_mode {
	APIC_DISABLED,
	APIC_XAPIC,
	APIC_X2,
};

/**
 * apic_mode() - this CPU's APIC's mode
 * apic_mode_set() - change it, by way of APIC_DISABLED where nothing else is allowed
 *
 * The APIC is software-enabled afterwards; what passes through APIC_DISABLED has
 * otherwise the state of a reset.
 */
enum apic_mode apic_mode(void);
void apic_mode_set(enum apic_mode mode);

/**
 * apic_is_x2() - is this CPU's APIC in x2APIC mode?
 * apic_enable_x2() - put it there (SDM 3A, "x2APIC States"); needs CPU_X2APIC
 */
bool apic_is_x2(void);
void apic_enable_x2(void);

/**
 * apic_read(), apic_write() - a register by its xAPIC offset, in either mode
 */
u32 apic_read(u32 reg);
void apic_write(u32 reg, u32 value);

/**
 * apic_id() - this CPU's APIC id: 8 bits in xAPIC mode, 32 in x2APIC mode
 */
u32 apic_id(void);

/**
 * apic_ipi() - write the ICR; waits until the APIC has taken it
 * @command: vector, delivery mode, shorthand (APIC_DM_…, APIC_DEST_…)
 * @destination: APIC id, ignored with a shorthand
 */
void apic_ipi(u32 command, u32 destination);

void apic_eoi(void);

/**
 * apic_vector_is() - is a vector's bit set in an array of eight registers?
 * @array: APIC_ISR, APIC_TMR or APIC_IRR
 */
bool apic_vector_is(u32 array, u8 vector);

/**
 * ioapic_present() - is there an I/O APIC at IOAPIC_BASE?
 */
bool ioapic_present(void);

/**
 * ioapic_read(), ioapic_write() - an I/O APIC register by its index
 */
u32 ioapic_read(u32 reg);
void ioapic_write(u32 reg, u32 value);

/**
 * ioapic_route() - program an input's redirection entry
 * @input: from 0
 * @entry: low word: vector, mode, IOAPIC_…
 * @destination: APIC id
 */
void ioapic_route(unsigned int input, u32 entry, u8 destination);

#endif
