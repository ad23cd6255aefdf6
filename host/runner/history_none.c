/* SPDX-License-Identifier: BSD-2-Clause */
/* The history of a build without SQLite: there is none. */
#ifndef HAVE_SQLITE3
#include "runner/history.h"

#include <stdio.h>

#define MISSING	"this build has no history: it was made without sqlite3"

const char *history_missing(void)
{
	return MISSING;
}

char *history_file(void)
{
	return NULL;
}

bool history_add(const char *folder, char *why, size_t size)
{
	(void)folder;
	snprintf(why, size, MISSING);
	return false;
}

bool history_forget(unsigned int days, unsigned int *count, char *why, size_t size)
{
	(void)days;
	*count = 0;
	snprintf(why, size, MISSING);
	return false;
}

bool history_rows(const char *name, const char *test, const char *kind, unsigned int most,
		  void (*take)(void *context, const struct history_row *row), void *context,
		  char *why, size_t size)
{
	(void)name;
	(void)test;
	(void)kind;
	return history_runs(most, take, context, why, size);
}

bool history_runs(unsigned int most,
		  void (*take)(void *context, const struct history_row *row), void *context,
		  char *why, size_t size)
{
	(void)most;
	(void)take;
	(void)context;
	snprintf(why, size, MISSING);
	return false;
}

bool history_names(void (*take)(void *context, const char *name), void *context)
{
	(void)take;
	(void)context;
	return false;
}

bool history_ran(const char *name, const char *test, const char *arch, const char *kind,
		 struct history_last *last)
{
	(void)name;
	(void)test;
	(void)arch;
	(void)kind;
	(void)last;
	return false;
}

void history_durations(const char *arch,
		       void (*take)(void *context, const char *name, const char *kind,
				    uint64_t duration_ns), void *context)
{
	(void)arch;
	(void)take;
	(void)context;
}

char *history_folder(const char *name)
{
	(void)name;
	return NULL;
}

char **history_folders(const char *build, size_t *count, char *why, size_t size)
{
	(void)build;
	*count = 0;
	snprintf(why, size, MISSING);
	return NULL;
}
#endif
