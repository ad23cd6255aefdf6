/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run consists of: each case of each architecture, on each VMM that is
 * wanted, as often as it is wanted.  Units are small: there may be very many.
 */
#ifndef HOST_RUNNER_UNITS_H
#define HOST_RUNNER_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/backend.h"
#include "runner/cfg.h"

struct buf;
struct filter;
struct session;

/* The cases of one architecture. */
struct site {
	struct session *session;
	struct cfg cfg;
};

struct unit {
	const struct site *site;
	const struct cfg_case *one;
	const struct vmm_wish *vmm;
	const char *parameters;		/* that this round is about, or NULL */
	char *tests;			/* patterns of TESTs' names, words; NULL: all */
	uint64_t expected_ns;		/* how long it took before; 0: not known */
	unsigned int round;		/* of several, from 0 */
	unsigned int attempt;		/* from 1 */
	bool done;			/* an earlier run has its result */
};

/* What the user asked for. */
struct selection {
	char **names;			/* CASE or CASE:TEST, patterns; none: all cases */
	size_t count;
	const char *group;		/* or NULL */
	bool all;			/* also what is marked nodefault */
	struct filter *filter;		/* or NULL */
	const char *const *parameters;	/* rounds, each by its text; NULL: one */
	unsigned int rounds;		/* as often as that; 0: once */
	unsigned int shard, shards;	/* the shard-th (from 1) of so many; 0: all */
};

struct units {
	struct unit *unit;
	size_t count;
	size_t unmatched;		/* names and groups that fit no case; said */
};

/**
 * units_make() - all units that are selected, case by case in file order
 * @units: filled in
 * @sites: the architectures
 * @site_count: how many
 * @vmms: the VMMs wanted
 * @vmm_count: how many
 * @selection: what the user asked for
 */
void units_make(struct units *units, const struct site *sites, size_t site_count,
		const struct vmm_wish *vmms, size_t vmm_count,
		const struct selection *selection);

/**
 * units_shuffle() - bring them into an order that a seed determines
 * @units: which
 * @seed: any number
 */
void units_shuffle(struct units *units, uint64_t seed);

/**
 * units_longest_first() - those that took longest before come first, and those
 * that are not known in front of them
 * @units: which; expected_ns is filled in from the history
 */
void units_longest_first(struct units *units);

/**
 * units_free() - give the memory back
 * @units: which
 */
void units_free(struct units *units);

/**
 * unit_label() - a unit's name, with what tells it apart behind a '@'
 * @unit: which
 * @several_sites: architectures tell units apart
 * @several_vmms: VMMs do
 * @out: where it is appended
 */
void unit_label(const struct unit *unit, bool several_sites, bool several_vmms,
		struct buf *out);

/**
 * is_pattern() - has a name characters that are special in patterns?
 */
bool is_pattern(const char *name);

#endif
