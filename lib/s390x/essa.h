/* SPDX-License-Identifier: BSD-2-Clause */
/* EXTRACT AND SET STORAGE ATTRIBUTES: states of pages (Linux, asm/page-states.h). */
#ifndef ESSA_H
#define ESSA_H

#include <base.h>
#include <fault.h>

/* What it tells: the usage state; and that no DAT table is there. */
#define ESSA_USAGE(state)	((state) >> 2 & 3)
#define ESSA_NO_DAT(state)	((state) >> 4 & 1)

/*
 * essa() - do, and tell the state before
 * @operation: a number as it is written, which is part of the instruction: 0 nothing, or
 *	the page becomes 1 stable, 2 unused, 3 volatile, 4 potentially volatile, 7 stable
 *	and without a DAT table
 */
#define essa(operation, page, state)					\
	TRY_OUT(".insn rrf, 0xb9ab0000, %0, %1, " #operation ", 0",	\
		OUT("+d"(*(state))), "a"(page))

#endif
