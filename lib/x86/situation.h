/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Situations: page tables, CPU state and one access, given whole; predicted by
 * walk(), made by touch(), and compared in all that they leave behind.
 */
#ifndef SITUATION_H
#define SITUATION_H

#include <paging.h>
#include <touch.h>
#include <walk.h>

#define PATHS	192		/* situations that are made at once */

/* Where accesses go: a page that has all tables on its way for itself. */
struct path {
	u8 *address;
	void *entry[WALK_LEVELS + 1];	/* [level] */
	u64 table[WALK_LEVELS + 1];	/* what a table's entry of that level holds */
	u64 leaf[WALK_LEVELS + 1];	/* what a leaf of that level holds */
	u8 *frame[2];			/* that of a 4 KiB leaf, of a larger one */
	struct touch_words primer, words;
	const struct mmu *load, *now;	/* NULL: the CPU has this state */
};

struct place {
	struct space space;
	struct path path[PATHS];
};

/**
 * place_make() - PATHS paths in a split space of @mode
 */
void place_make(struct place *place, const struct paging *mode);

/**
 * place_mmu() - the CPU's side there, with nothing in force but CR0.WP
 */
struct mmu place_mmu(const struct place *place);

struct situation {
	struct mmu mmu;
	u64 entry[WALK_LEVELS + 1];	/* without the addresses */
	unsigned int leaf;		/* level; those below have entries too */
	enum touch_kind kind;		/* but PUSH */
	bool unmarked;			/* SEGMENT: its descriptor's A is clear */
	bool user, ac, forced;
	bool primed;			/* after the supervisor read it */
};

/* What was there afterwards. */
struct aftermath {
	struct fault fault;
	u64 entry[WALK_LEVELS + 1];
	u32 loaded;
	u32 data[2], descriptor[2];	/* of the two frames */
};

/**
 * situations_prepare() - their tables and all that can be done beforehand
 * situations_make() - the accesses themselves, at CPL 0
 * situations_collect() - what is there now
 *
 * Three steps, because two of them may run at CPL 3, natively where a hypervisor
 * emulates kernel code.  Situation n goes to the @place's path n.
 */
void situations_prepare(struct place *place,
			const struct situation *situations, unsigned int count);
void situations_make(struct place *place,
		     const struct situation *situations, unsigned int count);
void situations_collect(struct place *place,
			const struct situation *situations,
			struct aftermath *aftermaths, unsigned int count);

/* What the manual says of one. */
struct prediction {
	struct aftermath after;
	u32 open;		/* bits of the error code that are left open */
	unsigned int level;	/* of the entry that ended the walk */
};

struct prediction situation_predict(const struct path *path,
				    const struct situation *situation);

/* What is not as predicted. */
enum deviation {
	DEVIATION_NONE,
	DEVIATION_ACCESSED,	/* A of a leaf that denied the access, nothing else */
	DEVIATION_ANY,
};

/**
 * prediction_compare() - is @got what was predicted?
 */
enum deviation prediction_compare(const struct situation *situation,
				  const struct prediction *prediction,
				  const struct aftermath *got);

/**
 * situation_print() - all of one: what it was, what was expected, and @got
 */
void situation_print(const struct situation *situation,
		     const struct prediction *prediction,
		     const struct aftermath *got);

#endif
