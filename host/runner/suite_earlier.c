/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs that build on an earlier one: what it failed, or what it did not get to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "runner/results.h"
#include "runner/run_set.h"
#include "runner/suite.h"

struct earlier {
	struct suite *suite;
	struct map labels, names;	/* of cases that count: how often */
	bool red_only;
	bool labelled;			/* labels tell more than names */
	uint64_t started_us;		/* when that run began, since 1970 */
};

static void red_take(void *context, struct results *results)
{
	struct earlier *earlier = context;
	const char *label = results->label ? results->label : results->name;

	if (!results_red(results->verdict)) {
		results_free(results);
		return;
	}
	earlier->labelled |= strcmp(label, results->name);
	*map_at(&earlier->labels, label) = 1;
	*map_at(&earlier->names, results->name) = 1;
	results_free(results);
}

static void finished_take(void *context, struct results *results)
{
	struct earlier *earlier = context;

	/* An interrupted case has no result, and an attempt may have had a next one. */
	if (strcmp(results->verdict, "INTERRUPTED"))
		++*map_at(&earlier->labels, results->label ? results->label : results->name);
	results_free(results);
}

static bool run_take(const char *folder, void (*take)(void *, struct results *),
		     struct earlier *earlier)
{
	struct run_info run;
	char why[400];

	if (!results_read(folder, &run, take, earlier, why, sizeof(why))) {
		complain("%s: there are no results of a run: %s", folder, why);
		return false;
	}
	earlier->started_us = run.started_us;
	run_info_free(&run);
	return true;
}

static void label_make(const struct suite *suite, const struct unit *unit, struct buf *label)
{
	label->length = 0;
	unit_label(unit, suite->site_count > 1, suite->vmm_count > 1, label);
}

/* Only the red ones are left. */
static void red_select(struct suite *suite, const struct earlier *earlier)
{
	struct units *units = &suite->units;
	struct buf label = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < units->count; i++) {
		struct unit *unit = &units->unit[i];
		bool labelled;

		label_make(suite, unit, &label);
		labelled = earlier->labelled && strcmp(buf_text(&label), unit->one->name);
		if (labelled ? map_find(&earlier->labels, buf_text(&label)) :
		    map_find(&earlier->names, unit->one->name))
			units->unit[kept++] = *unit;
		else
			free(unit->tests);
	}
	units->count = kept;
	buf_free(&label);
}

/* Whether its image is another one than the earlier run's. */
static bool is_newer(const struct unit *unit, uint64_t started_us)
{
	struct stat info;
	bool newer;
	char *path;

	if (!unit->one->file)
		return false;
	path = session_image(unit->site->session, unit->one->file);
	newer = !stat(path, &info) && (uint64_t)info.st_mtime * 1000000 > started_us;
	free(path);
	return newer;
}

/* Those that have a result are done; of several with one label, as many as have one. */
static void finished_mark(struct suite *suite, struct earlier *earlier, const char *folder)
{
	size_t done = 0, newer = 0;
	struct buf label = { 0 };

	for (size_t i = 0; i < suite->units.count; i++) {
		struct unit *unit = &suite->units.unit[i];
		size_t *count;

		label_make(suite, unit, &label);
		count = map_at(&earlier->labels, buf_text(&label));
		unit->done = *count;
		*count -= unit->done;
		done += unit->done;
		newer += unit->done && is_newer(unit, earlier->started_us);
	}
	buf_free(&label);
	complain("going on with %s: %zu of %zu cases had ended", folder, done,
		 suite->units.count);
	if (newer)
		complain("%zu of these results are of images that have been built anew since",
			 newer);
}

bool suite_earlier(struct suite *suite)
{
	struct earlier earlier = { .suite = suite };
	char *folder;
	bool good;

	if (suite->rerun) {
		folder = run_path(suite->rerun_of ? suite->rerun_of : "latest");
		good = run_take(folder, red_take, &earlier);
		if (good)
			red_select(suite, &earlier);
		if (good && !suite->units.count)
			complain("%s: nothing in it was red", folder);
		free(folder);
	} else {
		folder = run_path(suite->resume_of ? suite->resume_of : "latest");
		good = run_take(folder, finished_take, &earlier);
		if (good)
			finished_mark(suite, &earlier, folder);
		suite->session.resumed = good ? realpath(folder, NULL) : NULL;
		free(folder);
	}
	map_free(&earlier.labels);
	map_free(&earlier.names);
	return good;
}
