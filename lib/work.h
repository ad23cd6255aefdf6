/* SPDX-License-Identifier: BSD-2-Clause */
/* What another CPU does while a TEST goes on. */
#ifndef WORK_H
#define WORK_H

#include <test.h>

struct work_scope {
	struct scope scope;
	unsigned int cpu;
};

/**
 * WITH_WORK(cpu, fn, arg) { } - @fn(@arg) runs on another CPU meanwhile, which is told
 *	to end and waited for at the end, however that is reached
 * work_is_over() - for @fn: has it been told to end?
 */
#define WITH_WORK(cpu, fn, arg)	SCOPE(work_scope, work_enter, cpu, fn, arg)
void work_enter(struct work_scope *scope, unsigned int cpu, void (*fn)(void *arg),
		void *arg);
bool work_is_over(void);

#endif
