/* SPDX-License-Identifier: BSD-2-Clause */
/* Borrowed state. */
#include <exception.h>
#include <gic.h>
#include <paging.h>
#include <scope.h>

static void irq_leave(struct scope *scope)
{
	struct irq_scope *s = (struct irq_scope *)scope;

	irq_disable();
	if (!s->enabled)
		gic_line_disable(s->intid);
	irq_set(s->intid, (struct irq){ s->old, s->old_arg, false });
}

void irq_enter(struct irq_scope *s, unsigned int intid, void (*fn)(void *arg),
	       void *arg)
{
	struct irq old;

	gic_enable();
	s->intid = intid;
	s->enabled = gic_line_is_enabled(intid);
	old = irq_set(intid, (struct irq){ fn, arg, false });
	s->old = old.fn;
	s->old_arg = old.arg;
	scope_enter(&s->scope, irq_leave);
	gic_line_enable(intid);
}

static void sctlr_write(u64 value)
{
	sysreg_write(sctlr_el1, value);
	isb();
}

static void sctlr_leave(struct scope *scope)
{
	sctlr_write(((struct sctlr_scope *)scope)->old);
}

void sctlr_enter(struct sctlr_scope *s, u64 set, u64 clear)
{
	s->old = sysreg_read(sctlr_el1);
	scope_enter(&s->scope, sctlr_leave);
	sctlr_write((s->old | set) & ~clear);
}

static void split_eoi_leave(struct scope *scope)
{
	(void)scope;
	gic_split_eoi(false);
}

void split_eoi_enter(struct split_eoi_scope *s)
{
	gic_split_eoi(true);
	scope_enter(&s->scope, split_eoi_leave);
}

static void pte_leave(struct scope *scope)
{
	struct pte_scope *s = (struct pte_scope *)scope;

	pte_set(s->entry, s->old, s->page);
}

void pte_enter(struct pte_scope *s, const void *page, u64 set, u64 clear)
{
	s->page = page;
	s->entry = pte_at(page);
	s->old = *s->entry;
	scope_enter(&s->scope, pte_leave);
	pte_set(s->entry, (s->old | set) & ~clear, page);
}
