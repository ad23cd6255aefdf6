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

/**
 * mutate_begin() - @test is to run with its checks falsified; false: it is not asked for
 */
bool mutate_begin(const struct test *test);

/**
 * mutate_again() - such a run is over: tell what came of it
 * @red: the TEST failed
 * @whole: it came to its end
 *
 * Returns whether there is more to falsify; if not, checks see the truth again.
 */
bool mutate_again(bool red, bool whole);

/**
 * mutate_condition(), mutate_value(), mutate_fault() - what a check is to see
 * @check: its site
 * @held, @got: what there is
 *
 * Returns that, or something else if this site is to be falsified.
 */
bool mutate_condition(const struct check *check, bool held);
uint64_t mutate_value(const struct check *check, uint64_t got);
struct fault mutate_fault(const struct check *check, struct fault got);

/**
 * mutate_outcome() - what came of it
 */
void mutate_outcome(const struct check *check, bool held);

#endif
