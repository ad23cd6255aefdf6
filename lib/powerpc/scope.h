/* SPDX-License-Identifier: BSD-2-Clause */
/* State that is borrowed: WITH_…(…) { } gives it back. */
#ifndef SCOPE_H
#define SCOPE_H

#include <exception.h>
#include <test.h>

struct vector_scope {
	struct scope scope;
	unsigned int vector;
	exception_handler *old;
};

struct msr_scope {
	struct scope scope;
	u64 old;
};

/**
 * WITH_VECTOR(vector, handler) - run with @handler for an interrupt, see
 *	exception_handle(); external interrupts are off when it is left
 * WITH_MSR(set, clear) - run with these bits of MSR changed
 */
#define WITH_VECTOR(vector, handler)					\
	SCOPE(vector_scope, vector_enter, vector, handler)
#define WITH_MSR(set, clear)	SCOPE(msr_scope, msr_enter, set, clear)

void vector_enter(struct vector_scope *scope, unsigned int vector,
		  exception_handler *handler);
void msr_enter(struct msr_scope *scope, u64 set, u64 clear);

#endif
