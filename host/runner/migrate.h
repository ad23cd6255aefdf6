/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machines that move while their test runs, and machines that must panic: what
 * QEMU's machine protocol is for.
 *
 * A test prints a line and waits for a byte on its console: "Now migrate the VM"
 * asks for one migration, "Begin continuous migration" for one after the other up
 * to "End continuous migration", "Skipped VM migration" for none.  Lines with
 * "(quiet)" are not shown.
 */
#ifndef HOST_RUNNER_MIGRATE_H
#define HOST_RUNNER_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct ending;
struct job;
struct words;

/**
 * watch_wanted() - is this boot one whose machine moves, or must panic?
 * @job: its next boot is known
 */
bool watch_wanted(const struct job *job);

/**
 * watch_start() - start the machine, with what moves and watches it
 * @job: whose boot
 * @argv: QEMU's words, all of them
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 */
bool watch_start(struct job *job, struct words *argv, char *why, size_t size);

/**
 * watch_line() - look at a line of the console
 * @job: whose
 * @text: the line
 *
 * Returns whether it is to be shown.
 */
bool watch_line(struct job *job, const char *text);

/**
 * watch_step() - go on with what is under way
 * @job: whose
 *
 * To be called again after at most WATCH_NS while job->boot.watch is set.
 */
void watch_step(struct job *job);

#define WATCH_NS	10000000ull

/**
 * watch_finish() - the machine has ended: what that means for it
 * @job: whose
 * @ending: how it ended; changed if it should not have
 */
void watch_finish(struct job *job, struct ending *ending);

#endif
