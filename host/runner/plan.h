/* SPDX-License-Identifier: BSD-2-Clause */
/* The plan: which TESTs an image has, read from its file without booting it. */
#ifndef HOST_RUNNER_PLAN_H
#define HOST_RUNNER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"

/* A TEST as its author declared it.  Texts are never NULL; "" is none. */
struct plan_test {
	const char *name, *text, *file;
	const char *needs, *lacks, *devices, *xfail;
	unsigned int line, cpus, ends;	/* ends: enum abi_ends */
	uint64_t memory;		/* bytes */
};

struct plan {
	bool ours;		/* the image says which TESTs it has */
	bool host;		/* it is a program of the host's, and no machine's */
	bool arguments;		/* its arguments do not select TESTs */
	bool swapped;		/* in the other byte order than this machine's */
	unsigned int word_size;
	uint64_t base;		/* address of a raw image's first byte */
	size_t count;
	struct plan_test *tests;	/* in the image's order */
	void *map;		/* a copy of the file; texts point into it */
	size_t size;
};

enum plan_status {
	PLAN_OK,		/* @plan is filled in, of a foreign image too */
	PLAN_MISSING,		/* there is no such file */
	PLAN_BAD,		/* it cannot be read, or its header is damaged */
};

/**
 * plan_read() - read an image's plan
 * @plan: filled in; give it back with plan_free()
 * @path: the image
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 */
enum plan_status plan_read(struct plan *plan, const char *path, char *why, size_t size);

/* A stretch of memory that an ELF file fills. */
struct plan_segment {
	uint64_t address, physical;	/* where it belongs */
	uint64_t size, memory;		/* bytes in the file, and in memory */
	const void *bytes;		/* of the file */
};

/**
 * plan_is_elf() - is the image an ELF file?
 * @plan: of the image
 */
bool plan_is_elf(const struct plan *plan);

/**
 * plan_segment() - one of an ELF image's program headers
 * @plan: of the image; plan_is_elf() is true
 * @index: which, from 0
 * @segment: set to it; all sizes are 0 if it is not to be loaded
 *
 * Returns false if there are no more, or the file does not hold it.
 */
bool plan_segment(const struct plan *plan, size_t index, struct plan_segment *segment);

/**
 * plan_start() - the address of an ELF image's first instruction
 * @plan: of the image
 */
uint64_t plan_start(const struct plan *plan);

/**
 * plan_free() - give the file and the memory back
 * @plan: which
 */
void plan_free(struct plan *plan);

/**
 * plan_selects() - do an image's arguments select this TEST?
 * @plan: the image's
 * @index: which TEST
 * @arguments: words separated by blanks, or NULL for none
 *
 * A word is a name; '*' is special as its first and last character; '-' in
 * front excludes.  A TEST that ends the machine is selected by its exact name
 * only, or if there are no words at all.
 */
bool plan_selects(const struct plan *plan, size_t index, const char *arguments);

/**
 * plan_selectors() - are there words among an image's arguments that select TESTs?
 * @plan: the image's
 * @arguments: as behind -append, or NULL
 */
bool plan_selectors(const struct plan *plan, const char *arguments);

/**
 * name_matches() - does a pattern match a name?
 * @pattern: may have '*' as first and last character
 * @length: bytes at @pattern
 * @name: terminated
 */
bool name_matches(const char *pattern, size_t length, const char *name);

#endif
