/* SPDX-License-Identifier: BSD-2-Clause */
/* Processor state that is borrowed: WITH_…(…) { } gives it back. */
#ifndef SCOPE_H
#define SCOPE_H

#include <apic.h>
#include <exception.h>
#include <test.h>

struct cr4_scope {
	struct scope scope;
	unsigned long old;
};

struct msr_scope {
	struct scope scope;
	u32 msr;
	u64 old;
};

struct pte_scope {
	struct scope scope;
	const void *page;
	void *entry;
	u64 old;
};

struct cr0_scope {
	struct scope scope;
	unsigned long old;
};

struct ldt_scope {
	struct scope scope;
};

struct irq_scope {
	struct scope scope;
	u8 vector;
	void (*old)(void *arg);
	void *old_arg;
};

/**
 * WITH_CR0(set, clear) - run with these bits of CR0 changed
 * WITH_CR4(set, clear) - run with these bits of CR4 changed
 * WITH_MSR(msr, value) - run with this value in the MSR
 * WITH_PTE(page, set, clear) - run with bits of @page's 4 KiB entry changed; the
 *	address's translation is flushed on both ways
 * WITH_ENTRY(page, level, set, clear) - the same for the entry of another level;
 *	what it had of A and D comes back too
 * WITH_LDT(base) - run with an LDT of one page there; its descriptor is SEL_FREE's
 * WITH_IRQ(vector, fn, arg) - run with @fn(@arg) as handler of an interrupt
 *	vector of 32 or more; EOI follows it.  IF is the test's business.
 *
 * A change that faults is an unexpected fault, and ends the TEST.
 */
#define WITH_CR0(set, clear)	SCOPE(cr0_scope, cr0_enter, set, clear)
#define WITH_CR4(set, clear)	SCOPE(cr4_scope, cr4_enter, set, clear)
#define WITH_MSR(msr, value)	SCOPE(msr_scope, msr_enter, msr, value)
#define WITH_PTE(page, set, clear)					\
	WITH_ENTRY(page, 1, set, clear)
#define WITH_ENTRY(page, level, set, clear)				\
	SCOPE(pte_scope, pte_enter, page, level, set, clear)
#define WITH_LDT(base)		SCOPE(ldt_scope, ldt_enter, base)
#define WITH_IRQ(vector, fn, arg)					\
	SCOPE(irq_scope, irq_enter, vector, fn, arg)

struct handler_scope {
	struct scope scope;
	unsigned int vector;
};

struct apic_scope {
	struct scope scope;
	enum apic_mode old;
};

/**
 * WITH_HANDLER(vector, handler) - run with @handler for an exception: see
 *	exception_handle()
 * WITH_APIC_MODE(mode) - run with the local APICs of all CPUs in this mode
 */
#define WITH_HANDLER(vector, handler)					\
	SCOPE(handler_scope, handler_enter, vector, handler)
#define WITH_APIC_MODE(mode)	SCOPE(apic_scope, apic_enter, mode)
void handler_enter(struct handler_scope *scope, unsigned int vector,
		   bool (*handler)(struct frame *frame));
void apic_enter(struct apic_scope *scope, enum apic_mode mode);

struct watch_scope {
	struct scope scope;
	struct irq_scope irq;
	u32 ticks;
};

/**
 * WITH_WATCHDOG() - end the TEST if its body hangs: failed, at the instruction
 *
 * For instructions that a hypervisor may restart for ever.  The APIC timer ticks
 * with interrupts on; WATCHDOG_TICKS ticks are a hang, so that one pause of the
 * host is none.
 */
#define WATCHDOG_TICKS	5
#define WITH_WATCHDOG()	SCOPE(watch_scope, watch_enter)
void watch_enter(struct watch_scope *scope);

void cr0_enter(struct cr0_scope *scope, unsigned long set,
	       unsigned long clear);
void cr4_enter(struct cr4_scope *scope, unsigned long set,
	       unsigned long clear);
void msr_enter(struct msr_scope *scope, u32 msr, u64 value);
void pte_enter(struct pte_scope *scope, const void *page, unsigned int level,
	       u64 set, u64 clear);
void ldt_enter(struct ldt_scope *scope, const void *base);
void irq_enter(struct irq_scope *scope, unsigned int vector,
	       void (*fn)(void *arg), void *arg);

/**
 * try_write_cr0(), try_write_cr4() - the fault of writing a control register
 */
struct fault try_write_cr0(unsigned long value);
struct fault try_write_cr4(unsigned long value);

/**
 * try_rdmsr(), try_wrmsr() - the fault of an MSR access
 * @value: set to what was read, 0 if it faulted; may be NULL
 */
struct fault try_rdmsr(u32 msr, u64 *value);
struct fault try_wrmsr(u32 msr, u64 value);

#endif
