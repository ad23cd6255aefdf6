/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What came of one case, on its own: nothing in it points into the job, the
 * image or the configuration, so that it can be written to a file, read back,
 * and given to a report that never saw the machine.
 */
#ifndef HOST_RUNNER_RESULTS_H
#define HOST_RUNNER_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/verdict.h"

struct job;

/* A check that failed. */
struct check_item {
	char *file;		/* where it stands in the source */
	uint64_t line;
	char *expression;
	char *expected, *got;	/* decoded; NULL: the check has no values */
	char *text;		/* what else explains it, lines; or NULL */
};

/* A result line: a SUBTEST's, or a TEST's own at its end. */
struct result_item {
	uint64_t test;		/* index into tests, or RESULTS_NO_TEST */
	char *word;		/* PASS, FAIL, SKIP, XFAIL, XPASS */
	char *path;		/* of the SUBTEST, "" for the TEST; else the line's text */
	char *reason;		/* why it is SKIP, XFAIL or an error; or NULL */
	uint64_t check;		/* index of its first failed check, */
	uint64_t checks;	/* and how many */
};

struct metric_item {
	uint64_t test;		/* as above */
	char *name;
	char *value;		/* decimal, as the image said it */
	char *unit;
};

struct test_item {
	char *name;
	char *sentence;		/* what its author says it shows */
	char *file;		/* where it stands in the source */
	uint64_t line;
	char *word;		/* its result; NULL: it began and never ended */
	uint64_t begin_ns;	/* since the case began; seen by the runner, which */
	uint64_t end_ns;	/* looks every 10 ms: a lower bound's precision */
};

#define RESULTS_NO_TEST	UINT64_MAX

struct results {
	char *name;
	char *label;		/* the name, and what tells it from others of it */
	char *image;		/* path */
	char *groups;		/* words, or NULL */
	char *arch;
	char *backend;		/* "kvm", "qemu", … */
	char *accel;		/* as given to QEMU, or NULL */
	char *kind;		/* of host and VMM: "kvm_intel", "tcg", …; NULL: not chosen */
	char *perturbed;	/* what was done to the machine, words; NULL: nothing */
	char *command;		/* what a user would type to get this machine */
	char *verdict;		/* PASS, FAIL, TIMEOUT, …: verdict_name() */
	char *text;		/* the verdict's, in parentheses behind the name */
	char *ending;		/* how the last machine ended; NULL: there was none */
	char *autopsy;		/* what was found where it ended, lines; or NULL */
	char *rerun;		/* a command that runs just this */
	char *log;		/* path of its log, or NULL */
	char *relation;		/* to the baseline: relation_name(); NULL: there is none */
	uint64_t started_us;	/* since 1970; 0: no machine ran */
	uint64_t duration_ns;
	uint64_t boots;
	uint64_t attempt;	/* from 1; higher: repeated */
	uint64_t superseded;	/* 1: another attempt followed, and this one counts not */
	uint64_t dropped;	/* result lines beyond those kept */
	struct test_item *tests;
	size_t test_count;
	struct result_item *items;
	size_t item_count;
	struct check_item *checks;
	size_t check_count;
	struct metric_item *metrics;
	size_t metric_count;
};

/**
 * results_add_test() - append a TEST that has begun, all of it unset
 * @results: where
 *
 * Returns it; likewise the three below.
 */
struct test_item *results_add_test(struct results *results);
struct result_item *results_add_item(struct results *results);
struct check_item *results_add_check(struct results *results);
struct metric_item *results_add_metric(struct results *results);

/**
 * results_free() - give the memory back
 * @results: which, from mem_new(); NULL: nothing happens
 */
void results_free(struct results *results);

/**
 * results_red() - does this verdict make a run red?
 * @verdict: its name
 */
bool results_red(const char *verdict);

/**
 * results_label() - the case's name, and what tells it from others of it in this run
 * @results: the case
 */
const char *results_label(const struct results *results);

/**
 * results_test_name() - name of the TEST that a result or a metric belongs to
 * @results: the case
 * @test: its `test`
 *
 * Returns "" if it is no TEST's.
 */
const char *results_test_name(const struct results *results, uint64_t test);

/**
 * results_failing() - does this result count against the hypervisor?
 * @item: which
 */
bool results_failing(const struct result_item *item);

/*
 * The records that a case is made of, and their fields: what is written to
 * files and read from them, in whatever format.
 */
enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_INDEX };

struct field {
	const char *name;
	enum field_type type;	/* char *; uint64_t; uint64_t, RESULTS_NO_TEST is none */
	size_t offset;
};

extern const struct field case_fields[], test_fields[], result_fields[], check_fields[],
	metric_fields[];	/* each ended by a name of NULL */

/**
 * results_release() - free the texts of one record
 * @record: a structure that @fields describe
 * @fields: its fields
 */
void results_release(void *record, const struct field *fields);

#endif
