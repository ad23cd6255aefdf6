/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Known failures: what is recorded to fail on which kind of host, and why.  The
 * files have the format of unittests.cfg; a header is "IMAGE: TEST" or
 * "IMAGE: TEST: SUBTEST", where SUBTEST may end in '*'.
 */
#ifndef HOST_RUNNER_KNOWN_H
#define HOST_RUNNER_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/options.h"

struct plan;

struct known_entry {
	char *image, *test;	/* image without directory and ending */
	char *subtest;		/* or NULL: the whole TEST */
	char *on;		/* kinds of host, words; or NULL: any */
	char *arch;		/* or NULL: any */
	char *vendor;		/* of the host's CPU, words; or NULL: any */
	char *beneath;		/* hypervisor that the host itself runs on; or NULL: any */
	char *kernel;		/* conditions: ">=6.1 <6.9"; or NULL: any */
	char *backend;		/* words; or NULL: any */
	char *perturbed;	/* what is done to the machine, words; or NULL: anything */
	char *reason;		/* NULL: there is none, and the entry is void */
	char *link;		/* where to read more, or NULL */
	char *sometimes;	/* what decides whether it fails; or NULL: it always does */
	char *expires;		/* last day on which it counts, or NULL: for ever */
	bool void_;		/* said already: it counts no more */
	bool expired;		/* that is why */
	const char *path;	/* of its file, for messages */
	unsigned int line;
};

/* The keys of an entry, and what they mean; ended by a NULL name. */
extern const struct text_row known_keys[];

/* Where a case runs, as entries name it. */
struct known_host {
	const char *kind;	/* of host and VMM: "tcg", …; NULL: of this host's KVM */
	const char *arch;	/* of the image */
	const char *vendor;	/* of the CPU: "intel", …; NULL: of this host's */
	const char *beneath;	/* hypervisor; NULL: this host's */
	const char *kernel;	/* release; NULL: of this host's */
	const char *backend;	/* "kvm", "qemu", … */
	const char *perturbed;	/* what is done to it, words; NULL: nothing */
};

struct known {
	const char *image;	/* entries about others are passed over; NULL: none is */
	struct known_entry *entries;
	size_t count;
	char today[16];		/* "2026-01-31"; "" becomes the day of the call */
	char **paths;		/* of the files read */
	size_t path_count;
};

/**
 * known_parse() - add the entries of a text
 * @known: where
 * @path: its name, for messages
 * @kind: kind of host of the entries that name none, or NULL: any
 * @text: the file's contents
 * @size: bytes at @text
 * @doubt: told each doubtful thing as "PATH:LINE: …", one line
 *
 * An entry without a reason, past its last day, or with a key that cannot be
 * understood is told of, and counts no more.  What is passed over is not looked at.
 */
void known_parse(struct known *known, const char *path, const char *kind,
		 const char *text, size_t size, void (*doubt)(const char *message));

/**
 * known_read() - add the entries of DIRECTORY/known-failures.cfg and of each
 * DIRECTORY/known-failures/KIND.cfg, as far as they exist
 * @known: where
 * @directory: "x86"
 * @doubt: told each doubtful thing, as by known_parse()
 */
void known_read(struct known *known, const char *directory,
		void (*doubt)(const char *message));

/**
 * known_applies() - is this entry about this image on this host?
 * @entry: which
 * @image: path of the image
 * @host: where it runs
 */
bool known_applies(const struct known_entry *entry, const char *image,
		   const struct known_host *host);

/**
 * known_about() - the same, whether or not the entry counts
 */
bool known_about(const struct known_entry *entry, const char *image,
		 const struct known_host *host);

/**
 * known_sometimes() - may the entry's failure be absent without anything having changed?
 *
 * Whatever is done to a machine hits now this instruction, now that one.
 */
bool known_sometimes(const struct known_entry *entry);

/**
 * known_covers() - does this entry speak of this result?
 * @entry: which; known_applies() is true
 * @test: name of the TEST
 * @subtest: path of the SUBTEST, "" for the TEST itself
 */
bool known_covers(const struct known_entry *entry, const char *test, const char *subtest);

/**
 * known_doubts() - tell of entries that name a TEST which an image does not have
 * @known: which; entries for other architectures are passed over
 * @image: path of the image
 * @arch: its architecture
 * @plan: the image's
 * @doubt: told each as "PATH:LINE: …", one line
 */
void known_doubts(const struct known *known, const char *image, const char *arch,
		  const struct plan *plan, void (*doubt)(const char *message));

/**
 * known_free() - give the memory back
 * @known: which
 */
void known_free(struct known *known);

/**
 * image_stem() - an image's name without directory and ending
 * @path: "x86/msr.flat"
 * @length: set to its bytes
 *
 * Returns where in @path it begins.
 */
const char *image_stem(const char *path, size_t *length);

#endif
