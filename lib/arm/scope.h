/* SPDX-License-Identifier: BSD-2-Clause */
/* State that is borrowed: WITH_…(…) { } gives it back. */
#ifndef SCOPE_H
#define SCOPE_H

#include <test.h>

struct irq_scope {
	struct scope scope;
	unsigned int intid;
	bool enabled;
	void (*old)(void *arg);
	void *old_arg;
};

struct sctlr_scope {
	struct scope scope;
	u64 old;
};

struct pte_scope {
	struct scope scope;
	const void *page;
	u64 *entry;
	u64 old;
};

/**
 * WITH_IRQ(intid, fn, arg) - run with @fn(@arg) as an interrupt's handler, the
 *	interrupt enabled in the GIC for this CPU; EOI follows it.  PSTATE.I is the
 *	test's business.
 * WITH_SCTLR(set, clear) - run with these bits of SCTLR changed; SCTLR_ALIGNMENT is in
 *	both word sizes
 * WITH_PTE(page, set, clear) - run with bits of @page's last-level entry changed; the
 *	address's translation is flushed on both ways
 */
#define WITH_IRQ(intid, fn, arg)	SCOPE(irq_scope, irq_enter, intid, fn, arg)
#define SCTLR_ALIGNMENT		2
#define WITH_SCTLR(set, clear)	SCOPE(sctlr_scope, sctlr_enter, set, clear)
#define WITH_PTE(page, set, clear)					\
	SCOPE(pte_scope, pte_enter, page, set, clear)

/**
 * WITH_SPLIT_EOI() - run with EOI split from deactivation in this CPU's GIC interface
 */
#define WITH_SPLIT_EOI()	SCOPE(split_eoi_scope, split_eoi_enter)

struct split_eoi_scope {
	struct scope scope;
};

void split_eoi_enter(struct split_eoi_scope *scope);
void irq_enter(struct irq_scope *scope, unsigned int intid,
	       void (*fn)(void *arg), void *arg);
void sctlr_enter(struct sctlr_scope *scope, u64 set, u64 clear);
void pte_enter(struct pte_scope *scope, const void *page, u64 set, u64 clear);

#endif
