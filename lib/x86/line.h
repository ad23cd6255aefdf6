/* SPDX-License-Identifier: BSD-2-Clause */
/* Inputs of the I/O APIC that pc-testdev drives. */
#ifndef LINE_H
#define LINE_H

#include <test.h>

/**
 * line_set() - drive an input, 1 or 0
 * line_pulse() - up and down
 */
void line_set(unsigned int line, u8 level);
void line_pulse(unsigned int line);

struct route_scope {
	struct scope scope;
	unsigned int line;
};

/**
 * WITH_ROUTE(line, entry, to) { } - with an entry for @line; low and masked afterwards
 */
#define WITH_ROUTE(line, entry, to)	SCOPE(route_scope, route_enter, line, entry, to)
void route_enter(struct route_scope *scope, unsigned int line, u32 entry, u8 to);

/**
 * line_is_remote() - is its entry's remote IRR set?
 */
bool line_is_remote(unsigned int line);

#endif
