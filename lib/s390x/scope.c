/* SPDX-License-Identifier: BSD-2-Clause */
/* Scopes over state of the CPU and its tables. */
#include <paging.h>
#include <scope.h>

static void irq_leave(struct scope *scope)
{
	struct irq_scope *s = (struct irq_scope *)scope;

	irq_disable();
	irq_set(s->number, s->old);
}

void irq_enter(struct irq_scope *s, u32 number, void (*fn)(void *arg), void *arg)
{
	s->number = number;
	s->old = irq_set(number, (struct irq){ fn, arg });
	scope_enter(&s->scope, irq_leave);
}

static void cr0_leave(struct scope *scope)
{
	ctl_write(0, ((struct cr0_scope *)scope)->old);
}

void cr0_enter(struct cr0_scope *s, u64 set, u64 clear)
{
	s->old = ctl_read(0);
	scope_enter(&s->scope, cr0_leave);
	ctl_write(0, (s->old | set) & ~clear);
}

static void real_leave(struct scope *scope)
{
	(void)scope;
	dat_on();
}

void real_enter(struct real_scope *s)
{
	scope_enter(&s->scope, real_leave);
	dat_off();
}

static void entry_leave(struct scope *scope)
{
	struct entry_scope *s = (struct entry_scope *)scope;

	entry_set(s->entry, s->old);
}

void entry_enter(struct entry_scope *s, u64 *entry, u64 set, u64 clear)
{
	s->entry = entry;
	s->old = *entry;
	scope_enter(&s->scope, entry_leave);
	entry_set(entry, (s->old | set) & ~clear);
}
