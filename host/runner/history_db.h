/* SPDX-License-Identifier: BSD-2-Clause */
/* The history's file; only in builds that have SQLite. */
#ifndef HOST_RUNNER_HISTORY_DB_H
#define HOST_RUNNER_HISTORY_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * history_open() - open the file, and bring it to the present version
 * @make: it need not exist
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 *
 * A damaged file is set aside, which is said, and a new one begun.
 */
sqlite3 *history_open(bool make, char *why, size_t size);

#endif
