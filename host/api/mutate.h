/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks falsified, for proofs that each can make its TEST fail: asked for by
 * FLATBED_MUTATE=1 in the environment.  A TEST runs once for each way in which one of its
 * checks can be wrong, in a process of its own as ever, and is not heard.
 */
#ifndef HOST_API_MUTATE_H
#define HOST_API_MUTATE_H

#include "api/test.h"

#define MUTATE_SITES	256	/* of one TEST that are told apart */

/* How a check can be wrong: it holds or not; a far bit, or another errno. */
enum mutate_way { MUTATE_OUTCOME, MUTATE_FAR, MUTATE_WAYS };

/* Shared by the process of a TEST and the one that waits for it. */
struct mutation {
	unsigned int site;		/* which one is falsified, in the order of reaching */
	enum mutate_way way;
	bool there, done;		/* it has been reached; and falsified */
	unsigned int ways;		/* that it has */
	unsigned int count;		/* sites that have been reached */
	struct mutate_site {
		const char *file;
		unsigned int line;
	} sites[MUTATE_SITES];
};

/**
 * mutate_wanted() - does the environment ask for it?
 */
bool mutate_wanted(void);

/**
 * mutate_begin() - this process falsifies what @mutation says, and prints nothing
 */
void mutate_begin(struct mutation *mutation);

/**
 * mutate_condition(), mutate_value(), mutate_result() - what a check shall see
 * @result: of a call(): negative errno
 *
 * Each returns what it was given, or something else if it is this check's turn.  One
 * thread at a time.
 */
bool mutate_condition(const struct check *check, bool held);
uint64_t mutate_value(const struct check *check, uint64_t got);
int mutate_result(const struct check *check, int result);

#endif
