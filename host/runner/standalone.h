/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standalone tests: a runner with one case behind it in the same file.  Behind the
 * program stand the case's files, each as "NAME SIZE\n" and its bytes, then as the
 * last 16 bytes of the file STANDALONE_MAGIC and the size of all that, in decimal.
 */
#ifndef HOST_RUNNER_STANDALONE_H
#define HOST_RUNNER_STANDALONE_H

#include <stdbool.h>

#define STANDALONE_MAGIC	"FLATBED:"	/* 8 bytes, then 8 digits */

/**
 * standalone_is() - does this program carry a case?
 */
bool standalone_is(void);

/**
 * standalone_run() - run the case that this program carries
 * @argc, @argv: as of main()
 *
 * Returns the exit status.
 */
int standalone_run(int argc, char **argv);

#endif
