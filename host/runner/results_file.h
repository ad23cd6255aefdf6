/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file "results" of a run's folder: every case as it ends, in lines of text
 * that any tool can read and no library is needed for.
 *
 * A line is a record: its kind, then NAME=VALUE fields, all separated by tabs;
 * in values \\t, \\n, \\r and \\\\ stand for themselves, and a field that is not
 * set is left out.  First comes "run"; each case is "case", its "test",
 * "result", "check" and "metric" records, and "end".  What has no "end" was cut
 * off when the runner died, and is no result.
 */
#ifndef HOST_RUNNER_RESULTS_FILE_H
#define HOST_RUNNER_RESULTS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runner/results.h"

struct buf;

/* What is true of the whole run. */
struct run_info {
	char *id;		/* name of its folder: "20260131-235959-4711" */
	uint64_t started_us;	/* since 1970 */
	uint64_t jobs;		/* CPUs kept busy */
	char *command;		/* as it was called */
	char *directory;	/* where */
	char *arch;		/* of the images */
	char *build;		/* git hash of the tree, or NULL */
	char *host;		/* machine's architecture, */
	char *cpu;		/* vendor, family, model, stepping, name, */
	char *kernel;		/* release, */
	char *kvm;		/* and kind of KVM: "kvm_intel"; NULL: none */
	char *vmm;		/* what runs cases that ask for nothing special */
	char *modules;		/* KVM's, with their parameters, one a line */
};

extern const struct field run_fields[];

/**
 * run_info_free() - give the texts back
 * @run: which
 */
void run_info_free(struct run_info *run);

/**
 * results_write_run() - append a run's record
 * @out: where
 * @run: what
 */
void results_write_run(struct buf *out, const struct run_info *run);

/**
 * results_write_case() - append a case's records
 * @out: where
 * @results: what
 */
void results_write_case(struct buf *out, const struct results *results);

/**
 * results_read() - read a run back
 * @path: the file "results", or a folder that has one
 * @run: filled in; run_info_free() gives it back
 * @take: told each complete case, in file order; it owns what it gets; or NULL
 * @context: passed to @take
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 *
 * Returns false if there is no such file, or it is none of ours.
 */
bool results_read(const char *path, struct run_info *run,
		  void (*take)(void *context, struct results *results), void *context,
		  char *why, size_t size);

/**
 * results_read_stream() - the same, of a stream that is open
 * @stream: at its beginning
 * @run, @take, @context: as for results_read()
 *
 * Returns false if it is none of ours.
 */
bool results_read_stream(FILE *stream, struct run_info *run,
			 void (*take)(void *context, struct results *results), void *context);

#endif
