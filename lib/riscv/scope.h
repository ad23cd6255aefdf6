/* SPDX-License-Identifier: BSD-2-Clause */
/* State that is borrowed: WITH_…(…) { } gives it back. */
#ifndef SCOPE_H
#define SCOPE_H

#include <asm/csr.h>
#include <test.h>

/**
 * WITH_CSR(name, set, clear) - run with bits of a register changed, on this hart
 * @name: SIE, SSTATUS, SCOUNTEREN, SENVCFG or SATP; the last one is flushed on both ways
 */
#define WITH_CSR(name, set, clear)					\
	SCOPE(csr_scope, csr_enter, CSR_##name, set, clear)
#define WITH_SIE(set, clear)		WITH_CSR(SIE, set, clear)
#define WITH_SSTATUS(set, clear)	WITH_CSR(SSTATUS, set, clear)

/**
 * WITH_IRQ(code, fn, arg) - run with @fn(@arg) as an interrupt's handler, the interrupt
 *	enabled in SIE on this hart.  SSTATUS.SIE is the test's business.
 * WITH_PTE(page, set, clear) - run with bits of @page's last-level entry changed; the
 *	address's translation is flushed on both ways
 */
#define WITH_IRQ(code, fn, arg)	SCOPE(irq_scope, irq_enter, code, fn, arg)
#define WITH_PTE(page, set, clear)					\
	SCOPE(pte_scope, pte_enter, page, set, clear)

struct csr_scope {
	struct scope scope;
	unsigned int csr;
	unsigned long old;
};

struct irq_scope {
	struct scope scope;
	unsigned int code;
	unsigned long enabled;
	void (*old)(void *arg);
	void *old_arg;
};

struct pte_scope {
	struct scope scope;
	const void *page;
	unsigned long *entry;
	unsigned long old;
};

void csr_enter(struct csr_scope *scope, unsigned int csr, unsigned long set,
	       unsigned long clear);
void irq_enter(struct irq_scope *scope, unsigned int code, void (*fn)(void *arg),
	       void *arg);
void pte_enter(struct pte_scope *scope, const void *page, unsigned long set,
	       unsigned long clear);

#endif
