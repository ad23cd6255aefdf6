/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Falsified checks: what a check sees is made wrong, to show that its outcome
 * decides the verdict.  Steered by ABI_ENV_MUTATE; costs nothing otherwise.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include <stdbool.h>
#include <stdint.h>

#include <asm/fault.h>

struct check;
struct test;

/* For the function below: -1 before the environment was asked. */
extern int mutate_known;
bool mutate_ask(void);

/**
 * mutate_wanted() - are TESTs to run with their checks falsified?
 */
static inline bool mutate_wanted(void)
{
	return mutate_known < 0 ? mutate_ask() : mutate_known;
}

/**
 * mutate_begin() - @test is to run so; mutate_again() is behind its run
 */
void mutate_begin(const struct test *test);

/**
 * mutate_again() - such a run is over: tell what came of it
 * @red: the TEST failed
 * @whole: it came to its end
 *
 * Returns whether there is more to falsify; if not, checks see the truth again.
 */
bool mutate_again(bool red, bool whole);

/* The TEST that runs so, or NULL: then a check costs one look at it. */
extern const struct test *mutating;

/* For the functions below. */
bool falsify_condition(const struct check *check, bool held);
uint64_t falsify_value(const struct check *check, uint64_t got);
struct fault falsify_fault(const struct check *check, struct fault got);
void falsify_outcome(const struct check *check, bool held);

/**
 * mutate_condition(), mutate_value(), mutate_fault() - what a check is to see
 * @check: its site
 * @held, @got: what there is
 *
 * Returns that, or something else if this site is to be falsified.
 */
static inline bool mutate_condition(const struct check *check, bool held)
{
	return mutating ? falsify_condition(check, held) : held;
}

static inline uint64_t mutate_value(const struct check *check, uint64_t got)
{
	return mutating ? falsify_value(check, got) : got;
}

static inline struct fault mutate_fault(const struct check *check, struct fault got)
{
	return mutating ? falsify_fault(check, got) : got;
}

/**
 * mutate_outcome() - what came of it
 */
static inline void mutate_outcome(const struct check *check, bool held)
{
	if (mutating)
		falsify_outcome(check, held);
}

#endif
