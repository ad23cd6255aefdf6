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
 * mutate_begin() - a TEST begins: its check sites are counted anew
 */
void mutate_begin(const struct test *test);

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

#endif
