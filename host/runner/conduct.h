/* SPDX-License-Identifier: BSD-2-Clause */
/* How the embedded VMM runs its machines: the same for all of one call. */
#ifndef HOST_RUNNER_CONDUCT_H
#define HOST_RUNNER_CONDUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/options.h"
#include "vmm/vm.h"

struct buf;

/* Options that say so, for subcommands that run machines. */
extern const struct option_group conduct_options;

/**
 * conduct_get() - what those options said
 */
const struct vm_conduct *conduct_get(void);

/**
 * conduct_describe() - append what is not usual: ", --perturb=… --seed=…"
 */
void conduct_describe(struct buf *out);

/**
 * conduct_command() - append the options that repeat it, each behind a blank
 */
void conduct_command(struct buf *out);

/**
 * conduct_perturbed() - what is done to machines that must not matter
 *
 * Returns its words, "migrate process"; stays.  NULL: nothing is.
 */
const char *conduct_perturbed(void);

/**
 * conduct_perturbs() - is this one of the words that conduct_perturbed() has?
 * @word: not terminated
 * @length: bytes at @word
 */
bool conduct_perturbs(const char *word, size_t length);

/**
 * conduct_slowdown() - how many times as long machines take for it
 */
double conduct_slowdown(void);

#endif
