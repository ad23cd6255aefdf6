/* SPDX-License-Identifier: BSD-2-Clause */
/* State that is borrowed: WITH_…(…) { } gives it back. */
#ifndef SCOPE_H
#define SCOPE_H

#include <exception.h>
#include <test.h>

struct irq_scope {
	struct scope scope;
	u32 number;
	struct irq old;
};

struct cr0_scope {
	struct scope scope;
	u64 old;
};

struct real_scope {
	struct scope scope;
};

struct entry_scope {
	struct scope scope;
	u64 *entry;
	u64 old;
};

/**
 * WITH_IRQ(number, fn, arg) - run with @fn(@arg) as handler of an interruption: EXT_…,
 *	IRQ_IO, IRQ_MCK or IRQ_RESTART.  Masks are the test's business.
 * WITH_CR0(set, clear) - run with bits of this CPU's control register 0 changed
 * WITH_REAL() - run with DAT off
 * WITH_ENTRY(entry, set, clear) - run with bits of any DAT-table entry changed
 * WITH_PTE(page, set, clear) - the same for @page's page-table entry
 */
#define WITH_IRQ(number, fn, arg)	SCOPE(irq_scope, irq_enter, number, fn, arg)
#define WITH_CR0(set, clear)		SCOPE(cr0_scope, cr0_enter, set, clear)
#define WITH_REAL()			SCOPE(real_scope, real_enter)
#define WITH_ENTRY(entry, set, clear)	SCOPE(entry_scope, entry_enter, entry, set, clear)
#define WITH_PTE(page, set, clear)					\
	SCOPE(entry_scope, entry_enter, pte_at(page), set, clear)

void irq_enter(struct irq_scope *scope, u32 number, void (*fn)(void *arg), void *arg);
void cr0_enter(struct cr0_scope *scope, u64 set, u64 clear);
void real_enter(struct real_scope *scope);
void entry_enter(struct entry_scope *scope, u64 *entry, u64 set, u64 clear);

#endif
