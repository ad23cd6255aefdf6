/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has been found out about a VMM's program, kept between runs: a file per
 * program in the user's cache folder, void once the program changes.
 */
#ifndef HOST_RUNNER_CACHE_H
#define HOST_RUNNER_CACHE_H

#include "runner/settings.h"

struct cache {
	char *path;		/* of the file, or NULL: there is no such folder */
	struct settings facts;
};

/**
 * cache_open() - what is known of a program
 * @cache: filled in; give it back with cache_close()
 * @program: path of a file
 */
void cache_open(struct cache *cache, const char *program);

/**
 * cache_get() - a fact
 * @cache: where
 * @name: letters, digits and '_'
 *
 * Returns its value, or NULL.
 */
const char *cache_get(const struct cache *cache, const char *name);

/**
 * cache_put() - keep a fact, for later runs too if the folder can be written
 * @cache: where
 * @name: as for cache_get()
 * @value: one line without blanks at its ends
 */
void cache_put(struct cache *cache, const char *name, const char *value);

/**
 * cache_close() - give the memory back
 * @cache: which
 */
void cache_close(struct cache *cache);

/**
 * user_folder() - one of the user's folders for programs' files
 * @variable: "XDG_CACHE_HOME"
 * @otherwise: relative to the home directory: ".cache"
 *
 * Returns its path with "/flatbed" behind, for the caller to free; NULL if the
 * user has no home directory.
 */
char *user_folder(const char *variable, const char *otherwise);

/**
 * folder_make() - make a folder and those above it
 * @path: which
 *
 * Returns false, errno set, if it is not there afterwards.
 */
bool folder_make(const char *path);

#endif
