/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an image reported, whether as records or as lines: the state of each
 * TEST, and counts.  Nothing here knows how the machine ended.
 */
#ifndef HOST_RUNNER_TALLY_H
#define HOST_RUNNER_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/verdict.h"
#include "base/buf.h"

struct known;
struct known_entry;
struct known_host;
struct plan;

enum event_kind {
	EVENT_TEST_BEGIN,	/* test */
	EVENT_SUBTEST,		/* text: the path, "" at its end */
	EVENT_DETAIL,		/* a line that explains a failing check */
	EVENT_RESULT,		/* result, text: of what */
	EVENT_TEST_END,		/* test, result, checks */
	EVENT_SUMMARY,		/* text: what follows "SUMMARY: " */
};

#define CHECKS_UNKNOWN	UINT64_MAX

struct event {
	enum event_kind kind;
	unsigned int test;	/* index in the plan */
	enum abi_result result;
	uint64_t checks;	/* executed in this TEST, or CHECKS_UNKNOWN */
	const char *text;	/* terminated */
};

enum test_state { TEST_NEVER, TEST_BEGUN, TEST_ENDED };

struct test_run {
	enum test_state state;
};

/* How often a known failure's subject failed and passed. */
struct known_hits {
	const struct known_entry *entry;
	unsigned int failed, passed;
};

struct tally {
	const struct plan *plan;
	struct test_run *tests;		/* one per TEST of the plan */
	struct known_hits *known;	/* the entries that apply */
	size_t known_count;
	int current;			/* the TEST that has begun, or -1 */
	char *subtest;			/* path where it is, "" for none */
	bool details;			/* of a failure that is not reported yet */
	unsigned int test_known;	/* failing SUBTESTs of the current TEST, */
	unsigned int test_unknown;	/* recorded and not */
	unsigned int results[ABI_RESULT_COUNT];
	unsigned int known_failures;	/* how many of results[FAIL] are recorded */
	const char *reason;		/* of the last known failure */
	unsigned int lines;		/* of the console, so far */
	unsigned int summary_line;
	char *summary;			/* the last one */
	char *error;			/* why no verdict can be trusted, or NULL */
};

/**
 * tally_start() - begin with nothing reported
 * @tally: filled in; give it back with tally_free()
 * @plan: the image's; stays
 * @known: all recorded failures; stays
 * @image: path of the image
 * @host: where it runs
 */
void tally_start(struct tally *tally, const struct plan *plan, const struct known *known,
		 const char *image, const struct known_host *host);

/**
 * tally_event() - take one event
 * @tally: where
 * @event: what
 *
 * Returns the entry that records this failure, if it is one and is recorded.
 */
const struct known_entry *tally_event(struct tally *tally, const struct event *event);

/**
 * tally_test_named() - which TEST does this name mean, being at its begin?
 * @tally: where
 * @name: not terminated
 * @length: bytes at @name
 *
 * Returns the index of the first TEST of that name that has not begun, or -1.
 */
int tally_test_named(const struct tally *tally, const char *name, size_t length);

/**
 * tally_ends() - is this result the current TEST's end?
 * @tally: where
 * @text: of what the result is: the TEST's name, maybe " (reason)" behind it
 */
bool tally_ends(const struct tally *tally, const char *text);

/**
 * tally_end_known() - is it recorded that the machine does not survive this TEST?
 * @tally: where
 *
 * True if a TEST has begun and an entry is about it, or the SUBTEST it is in.
 */
bool tally_end_known(const struct tally *tally);

/**
 * tally_total() - results so far
 * @tally: where
 */
unsigned int tally_total(const struct tally *tally);

/**
 * tally_unexpected() - failures that nobody recorded
 * @tally: where
 */
unsigned int tally_unexpected(const struct tally *tally);

/**
 * tally_summary() - append "N tests, …"
 * @tally: where
 * @out: where to
 */
void tally_summary(const struct tally *tally, struct buf *out);

/**
 * tally_xpass() - append which recorded failures passed: "a, b"
 * @tally: where
 * @out: where to
 *
 * Returns how many.
 */
unsigned int tally_xpass(const struct tally *tally, struct buf *out);

/**
 * tally_place() - append where the image is: "TEST", "TEST: SUBTEST"
 * @tally: a TEST has begun
 * @out: where to
 */
void tally_place(const struct tally *tally, struct buf *out);

/**
 * tally_free() - give the memory back
 * @tally: which
 */
void tally_free(struct tally *tally);

#endif
