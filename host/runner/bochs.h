/* SPDX-License-Identifier: BSD-2-Clause */
/* Bochs: which ones there are, and which of their CPUs a case can have. */
#ifndef HOST_RUNNER_BOCHS_H
#define HOST_RUNNER_BOCHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/cache.h"
#include "runner/words.h"

struct boot;
struct buf;

/* A Bochs on this host. */
struct bochs {
	struct words command;	/* the program, maybe with a loader in front */
	struct cache cache;
	char version[16];	/* "2.7" */
	bool modern;		/* 3.0 or later */
	bool debugger;		/* built in: it waits to be told to go on */
	struct words models;	/* names of CPUs, as it lists them */
};

/* The machine that one is to be. */
struct bochs_machine {
	const char *model;	/* from bochs_cpu() */
	unsigned int cpus;
	uint64_t memory;	/* bytes */
	bool lenient;		/* unknown MSRs are no #GP */
	bool chatty;		/* tells why it raises exceptions */
};

/**
 * bochs_prepare() - the files and the command of a machine
 * @boot: gets the files
 * @bochs: which one to run
 * @machine: what it is to be
 * @rom: its ROM
 * @argv: filled in
 *
 * Returns false, errno set, if the files cannot be made.
 */
bool bochs_prepare(struct boot *boot, const struct bochs *bochs,
		   const struct bochs_machine *machine, const struct buf *rom,
		   struct words *argv);

/**
 * bochs_list() - the usable ones, in the order in which they are tried
 * @count: set to how many there are
 * @why: if none, a one-line reason
 * @size: bytes at @why
 *
 * $BOCHS if it is set: a program, or a folder into which packages of another
 * distribution were unpacked.  Else the one in PATH, then the one that
 * scripts/get-bochs3.sh fetches.  Sought once.
 */
struct bochs *bochs_list(size_t *count, char *why, size_t size);

/**
 * bochs_cpu() - the CPU that comes nearest to a model in QEMU's words
 * @bochs: whose
 * @cpu: "max,+umip", or NULL
 * @why: if there is none, a one-line reason that names what is missing
 * @size: bytes at @why
 *
 * Returns its name, or NULL.
 */
const char *bochs_cpu(struct bochs *bochs, const char *cpu, char *why, size_t size);

#endif
