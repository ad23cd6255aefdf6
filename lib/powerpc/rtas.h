/* SPDX-License-Identifier: BSD-2-Clause */
/* Run-time abstraction services: firmware that a hypervisor provides (LoPAPR 1.1, 7). */
#ifndef RTAS_H
#define RTAS_H

#include <base.h>

#define RTAS_RESULTS	8

/**
 * rtas_token() - the number of a service: "power-off"
 *
 * Returns false if there is none.
 */
bool rtas_token(const char *name, u32 *token);

/**
 * rtas_call() - call a service
 * @results: @count of them, the status first; at most RTAS_RESULTS
 * @arguments: @given of them
 *
 * Returns the status, which is 0 if all is well; panics if there is no such service.
 */
int rtas_call(const char *name, u32 *results, unsigned int count, const u32 *arguments,
	      unsigned int given);

/**
 * rtas_call_token() - the same by a number, which may be that of no service
 */
int rtas_call_token(u32 token, u32 *results, unsigned int count, const u32 *arguments,
		    unsigned int given);

/**
 * rtas_stop_self() - stop this CPU, until start-cpu starts it anew
 */
void rtas_stop_self(void) __attribute__((noreturn));

#endif
