/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operation costs, in cycles. */
#ifndef COST_H
#define COST_H

#include <test.h>

#define COST_ROUNDS	21

/**
 * cost_measure() - METRIC @name: the median of COST_ROUNDS rounds of @operation
 *
 * Work adapts to the host: a round doubles until it takes long enough to be measured.
 * A check that it costs something at all.
 */
void cost_measure(const char *name, void (*operation)(void));

/* ROW(name, "sentence", attributes…) { the operation } - a TEST that measures it */
#define ROW(id, sentence, ...)						\
	static void id##_operation(void);				\
	TEST(id, sentence, ##__VA_ARGS__)				\
	{								\
		cost_measure(#id, id##_operation);			\
	}								\
	static void id##_operation(void)

#endif
