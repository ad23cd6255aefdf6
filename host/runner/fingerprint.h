/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What makes two failures the same: the TEST and SUBTEST, each failed check's source
 * file, expression, expected and got value, and how the machine ended.  Lines,
 * times, registers and addresses are left out: they change with every build.
 */
#ifndef HOST_RUNNER_FINGERPRINT_H
#define HOST_RUNNER_FINGERPRINT_H

#include <stdint.h>

#include "runner/results.h"

#define HASH_START	0xcbf29ce484222325	/* FNV-1a, 64 bits */

/**
 * hash_text() - a hash, continued by a text and its end
 * @hash: HASH_START, or what this returned
 * @text: what; NULL is not ""
 */
uint64_t hash_text(uint64_t hash, const char *text);

/**
 * fingerprint_item() - of one failing result
 * @results: the case
 * @item: the result
 */
uint64_t fingerprint_item(const struct results *results, const struct result_item *item);

/**
 * fingerprint_case() - of how a case failed
 * @results: the case
 */
uint64_t fingerprint_case(const struct results *results);

/* How a case's verdict stands to an earlier one. */
enum relation {
	RELATION_GREEN,		/* green before and now */
	RELATION_ADDED,		/* green, and was not there before */
	RELATION_SAME,		/* fails in the same way */
	RELATION_FIXED,
	RELATION_CHANGED,	/* fails in another way */
	RELATION_NEW,		/* fails, and did not */
	RELATION_LOST,		/* ran before, and is SKIP now */
	RELATION_SKIP,		/* is SKIP as before */
};

/**
 * relation_name() - "NEW", "SAME", …
 * @relation: which
 */
const char *relation_name(enum relation relation);

/**
 * relation_of() - compare two results of one case
 * @before: the earlier one; NULL: there is none
 * @now: the later one
 */
enum relation relation_of(const struct results *before, const struct results *now);

#endif
