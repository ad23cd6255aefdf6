/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of NAME=value lines: config.mak, and environments for guests. */
#ifndef HOST_RUNNER_SETTINGS_H
#define HOST_RUNNER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct setting {
	char *name;
	char *value;
};

struct settings {
	struct setting *setting;
	size_t count;
};

/**
 * file_read() - the whole of a file
 * @path: which
 * @size: set to its bytes
 *
 * Returns its contents, terminated, for the caller to free; NULL with errno
 * set if it cannot be read.
 */
char *file_read(const char *path, size_t *size);

/**
 * settings_read() - add a file's NAME=value lines
 * @settings: where
 * @path: which file
 *
 * Comments, blank lines and lines of another form are passed over; one pair of
 * quotes around a value is taken off.  Returns false, errno set, if the file
 * cannot be read.
 */
bool settings_read(struct settings *settings, const char *path);

/**
 * settings_set() - set a name, anew or again
 * @settings: where
 * @name: which
 * @value: what; copied
 */
void settings_set(struct settings *settings, const char *name, const char *value);

/**
 * settings_get() - a name's value
 * @settings: where
 * @name: which
 * @otherwise: returned if it is not set, or empty
 */
const char *settings_get(const struct settings *settings, const char *name,
			 const char *otherwise);

/**
 * settings_value() - a name's value, though it be empty
 * @settings: where
 * @name: which
 *
 * Returns NULL if it is not set.
 */
const char *settings_value(const struct settings *settings, const char *name);

/**
 * settings_export() - put all into this process's environment
 * @settings: which
 */
void settings_export(const struct settings *settings);

/**
 * settings_free() - give the memory back
 * @settings: which
 */
void settings_free(struct settings *settings);

#endif
