/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's machine protocol as far as migrating and watching a machine takes: lines
 * of JSON over a pair of sockets, never waited for.
 */
#ifndef HOST_RUNNER_QMP_H
#define HOST_RUNNER_QMP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct words;

struct qmp {
	int fd;			/* ours, -1: none; not blocking */
	struct buf text;	/* received, not yet taken */
};

/**
 * qmp_open() - a pair of sockets, and QEMU's options for its end
 * @qmp: filled in; the first command is sent
 * @argv: options are appended
 * @theirs: set to QEMU's end, which the child must inherit and the caller close
 *
 * Returns false, errno set, if there is none to be had.
 */
bool qmp_open(struct qmp *qmp, struct words *argv, int *theirs);

/**
 * qmp_send() - send a command
 * @qmp: where
 * @command: an object, as text
 *
 * Returns false if QEMU is gone.
 */
bool qmp_send(struct qmp *qmp, const char *command);

/**
 * qmp_send_file() - hand a descriptor over, under a name
 * @qmp: where
 * @fd: which; stays open
 * @name: for later commands
 */
bool qmp_send_file(struct qmp *qmp, int fd, const char *name);

/**
 * qmp_line() - the next line that has come
 * @qmp: from where
 *
 * Returns it, for the caller to free; NULL if there is none for now.
 */
char *qmp_line(struct qmp *qmp);

/**
 * qmp_member() - a member's value, as text
 * @line: an object
 * @name: of the member, wherever it is
 * @out: filled in: a string without its quotes, else up to the next separator
 * @size: bytes at @out
 *
 * Returns false if there is none.
 */
bool qmp_member(const char *line, const char *name, char *out, size_t size);

/**
 * qmp_close() - close our end
 * @qmp: which
 */
void qmp_close(struct qmp *qmp);

#endif
