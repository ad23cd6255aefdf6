/* SPDX-License-Identifier: BSD-2-Clause */
/* Borrowed state. */
#include <scope.h>

static void vector_leave(struct scope *scope)
{
	struct vector_scope *s = (struct vector_scope *)scope;

	irq_disable();
	exception_handle(s->vector, s->old);
}

void vector_enter(struct vector_scope *s, unsigned int vector, exception_handler *handler)
{
	s->vector = vector;
	s->old = exception_handle(vector, handler);
	scope_enter(&s->scope, vector_leave);
}

static void msr_leave(struct scope *scope)
{
	msr_write(((struct msr_scope *)scope)->old);
}

void msr_enter(struct msr_scope *s, u64 set, u64 clear)
{
	s->old = msr_read();
	scope_enter(&s->scope, msr_leave);
	msr_write((s->old | set) & ~clear);
}
