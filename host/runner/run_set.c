/* SPDX-License-Identifier: BSD-2-Clause */
/* One or several earlier runs, taken together. */
#include "runner/run_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/fingerprint.h"
#include "runner/history.h"

static size_t slot_of(const struct run_set *set, const struct results *results)
{
	uint64_t hash = hash_text(hash_text(HASH_START, results->name), results->arch);

	return hash & (set->table_size - 1);
}

static void case_index(struct run_set *set, size_t index)
{
	size_t slot = slot_of(set, set->cases[index]);

	set->before[index] = set->table[slot];
	set->table[slot] = index + 1;
}

void run_set_add(struct run_set *set, struct results *results)
{
	set->cases = mem_grow(set->cases, set->count, sizeof(*set->cases));
	set->before = mem_grow(set->before, set->count, sizeof(*set->before));
	set->cases[set->count++] = results;
	if (set->count <= set->table_size) {
		case_index(set, set->count - 1);
		return;
	}
	set->table_size = set->table_size ? set->table_size * 4 : 256;
	free(set->table);
	set->table = mem_new(set->table_size * sizeof(*set->table));
	for (size_t i = 0; i < set->count; i++)
		case_index(set, i);
}

static void case_take(void *context, struct results *results)
{
	run_set_add(context, results);
}

static bool path_load(struct run_set *set, const char *path, char *why, size_t size)
{
	struct run_info run;

	if (!results_read(path, &run, case_take, set, why, size))
		return false;
	set->runs = mem_grow(set->runs, set->run_count, sizeof(*set->runs));
	set->runs[set->run_count++] = run;
	return true;
}

char *run_path(const char *word)
{
	const char *directory = getenv("unittest_log_dir");
	struct buf path = { 0 };

	if (strcmp(word, "latest") && !access(word, F_OK))
		return mem_copy(word);
	if (!directory || !*directory)
		directory = "logs";
	buf_printf(&path, "%s/%s%s", directory, strcmp(word, "latest") ? "runs/" : "", word);
	if (access(buf_text(&path), F_OK)) {
		char *known = history_folder(word);

		if (known) {
			buf_free(&path);
			return known;
		}
	}
	return buf_take(&path);
}

static bool word_load(struct run_set *set, const char *word, char *why, size_t size)
{
	char **folders, *path;
	size_t count;
	bool good = true;

	if (strncmp(word, "build:", 6)) {
		path = run_path(word);
		good = path_load(set, path, why, size);
		free(path);
		return good;
	}
	folders = history_folders(word + 6, &count, why, size);
	for (size_t i = 0; i < count; i++) {
		good = good && path_load(set, folders[i], why, size);
		free(folders[i]);
	}
	free(folders);
	return good && count;
}

bool run_set_load(struct run_set *set, const char *words, char *why, size_t size)
{
	const char *word;
	size_t length;

	while ((word = str_word(&words, ",", &length))) {
		char *one = mem_text(word, length);
		bool good = word_load(set, one, why, size);

		free(one);
		if (!good)
			return false;
	}
	if (set->run_count)
		return true;
	snprintf(why, size, "no run is named");
	return false;
}

static bool same_case(const struct results *a, const struct results *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->arch, b->arch);
}

static bool same_kind(const struct results *a, const struct results *b)
{
	return !a->kind || !b->kind || !strcmp(a->kind, b->kind);
}

static bool same_label(const struct results *a, const struct results *b)
{
	return !strcmp(results_label(a), results_label(b));
}

const struct results *run_set_find(const struct run_set *set, const struct results *like)
{
	const struct results *other = NULL;
	unsigned int best = 0;

	for (size_t at = set->count ? set->table[slot_of(set, like)] : 0; at;
	     at = set->before[at - 1]) {
		const struct results *results = set->cases[at - 1];
		unsigned int fit = 1 + 2 * same_kind(results, like) + same_label(results, like);

		if (same_case(results, like) && fit > best) {
			best = fit;
			other = results;
		}
	}
	return other;
}

const struct results *run_set_next(const struct run_set *set, const struct results *results)
{
	size_t at = set->table[slot_of(set, results)];

	while (at && set->cases[at - 1] != results)
		at = set->before[at - 1];
	while (at && (at = set->before[at - 1])) {
		const struct results *next = set->cases[at - 1];

		if (same_case(next, results) && same_kind(next, results) &&
		    same_label(next, results))
			return next;
	}
	return NULL;
}

void run_set_free(struct run_set *set)
{
	for (size_t i = 0; i < set->run_count; i++)
		run_info_free(&set->runs[i]);
	for (size_t i = 0; i < set->count; i++)
		results_free(set->cases[i]);
	free(set->runs);
	free(set->cases);
	free(set->before);
	free(set->table);
	*set = (struct run_set){ 0 };
}
