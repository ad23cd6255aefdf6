/* SPDX-License-Identifier: BSD-2-Clause */
/* Borrowed state. */
#include <asm/cpu.h>
#include <exception.h>
#include <paging.h>
#include <scope.h>

/* X(name): registers whose number is known only when it runs */
#define BORROWED(X)							\
	X(SIE) X(SSTATUS) X(SCOUNTEREN) X(SENVCFG) X(SATP)

static unsigned long read(unsigned int csr)
{
	switch (csr) {
#define READ_CASE(name) case CSR_##name: return csr_read(CSR_##name);
	BORROWED(READ_CASE)
#undef READ_CASE
	}
	panic("CSR %#x cannot be borrowed", csr);
}

static void write(unsigned int csr, unsigned long value)
{
	switch (csr) {
#define WRITE_CASE(name) case CSR_##name: csr_write(CSR_##name, value); break;
	BORROWED(WRITE_CASE)
#undef WRITE_CASE
	}
	if (csr == CSR_SATP)
		tlb_flush();
}

static void csr_leave(struct scope *scope)
{
	struct csr_scope *s = (struct csr_scope *)scope;

	write(s->csr, s->old);
}

void csr_enter(struct csr_scope *s, unsigned int csr, unsigned long set,
	       unsigned long clear)
{
	s->csr = csr;
	s->old = read(csr);
	scope_enter(&s->scope, csr_leave);
	write(csr, (s->old & ~clear) | set);
}

static void irq_leave(struct scope *scope)
{
	struct irq_scope *s = (struct irq_scope *)scope;

	irq_disable();
	csr_write(CSR_SIE, s->enabled);
	irq_set(s->code, (struct irq){ s->old, s->old_arg });
}

void irq_enter(struct irq_scope *s, unsigned int code, void (*fn)(void *arg), void *arg)
{
	struct irq old = irq_set(code, (struct irq){ fn, arg });

	s->code = code;
	s->old = old.fn;
	s->old_arg = old.arg;
	s->enabled = csr_read(CSR_SIE);
	scope_enter(&s->scope, irq_leave);
	csr_set(CSR_SIE, IRQ_BIT(code));
}

static void pte_leave(struct scope *scope)
{
	struct pte_scope *s = (struct pte_scope *)scope;

	pte_set(s->entry, s->old, s->page);
}

void pte_enter(struct pte_scope *s, const void *page, unsigned long set,
	       unsigned long clear)
{
	s->page = page;
	s->entry = pte_at(page);
	s->old = *s->entry;
	scope_enter(&s->scope, pte_leave);
	pte_set(s->entry, (s->old | set) & ~clear, page);
}
