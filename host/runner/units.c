/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run consists of. */
#include "runner/units.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "runner/arch.h"
#include "runner/case_facts.h"
#include "runner/history.h"
#include "runner/job.h"
#include "runner/lines.h"
#include "runner/select.h"
#include "runner/session.h"

struct maker {
	struct units *units;
	const struct selection *selection;
	bool *matched;			/* names that fit some case */
	const struct vmm_wish *vmms;
	size_t vmm_count;
	size_t number;			/* of the next unit, over all shards */
};

bool is_pattern(const char *name)
{
	return strpbrk(name, "*?[");
}

static bool name_fits(const char *pattern, const char *name)
{
	return is_pattern(pattern) ? !fnmatch(pattern, name, 0) : !strcmp(pattern, name);
}

/*
 * Whether "CASE:TEST" is about this case; sets the part about TESTs.  A case
 * whose name has a colon itself goes by its whole name.
 */
static bool test_fits(const char *word, const char *name, const char **tests)
{
	const char *colon = strchr(word, ':');
	bool fits;
	char *head;

	if (!colon || !colon[1])
		return false;
	head = mem_text(word, colon - word);
	fits = name_fits(head, name);
	free(head);
	*tests = colon + 1;
	return fits;
}

static bool names_fit(struct maker *maker, const char *name, char **tests)
{
	const struct selection *selection = maker->selection;
	bool whole = !selection->count, some = false;
	struct buf list = { 0 };

	for (size_t i = 0; i < selection->count; i++) {
		const char *only;

		if (name_fits(selection->names[i], name)) {
			whole = true;
		} else if (test_fits(selection->names[i], name, &only)) {
			buf_printf(&list, "%s%s", some ? " " : "", only);
			some = true;
		} else {
			continue;
		}
		maker->matched[i] = true;
	}
	*tests = some && !whole ? buf_take(&list) : NULL;
	buf_free(&list);
	return whole || some;
}

static void unit_add(struct maker *maker, struct unit unit)
{
	const struct selection *selection = maker->selection;
	struct units *units = maker->units;
	size_t number = maker->number++;

	if (selection->shards && number % selection->shards != selection->shard - 1)
		return;
	units->unit = mem_grow(units->unit, units->count, sizeof(*units->unit));
	unit.tests = mem_copy(unit.tests);
	units->unit[units->count++] = unit;
}

static void case_add(struct maker *maker, const struct site *site, const struct cfg_case *one,
		     const char *parameters, unsigned int round)
{
	const struct selection *selection = maker->selection;
	struct unit unit = {
		.site = site, .one = one, .parameters = parameters, .round = round, .attempt = 1,
	};
	char *tests;

	if (!names_fit(maker, one->name, &tests))
		return;
	unit.tests = tests;
	for (size_t i = 0; i < maker->vmm_count; i++) {
		unit.vmm = &maker->vmms[i];
		if (selection->group && !select_in_group(one, selection->group))
			continue;
		if (selection->filter && !case_holds(&unit, selection->filter))
			continue;
		unit_add(maker, unit);
	}
	free(tests);
}

/* A group that no case is in. */
static void group_check(struct maker *maker, const struct site *sites, size_t site_count)
{
	const char *group = maker->selection->group, *nearest = NULL, *word;
	size_t best = group ? strlen(group) / 2 + 1 : 0, length;
	char name[64];

	for (size_t s = 0; group && s < site_count; s++) {
		for (size_t i = 0; i < sites[s].cfg.count; i++) {
			const char *groups = sites[s].cfg.cases[i].groups;

			if (select_in_group(&sites[s].cfg.cases[i], group))
				return;
			while (groups && (word = str_word(&groups, " \t", &length))) {
				char *one = mem_text(word, length);

				if (str_nearest(group, strlen(group), one, &best)) {
					snprintf(name, sizeof(name), "%s", one);
					nearest = name;
				}
				free(one);
			}
		}
	}
	if (!group)
		return;
	maker->units->unmatched++;
	if (nearest)
		complain("no case is in group '%s'; the nearest is '%s'", group, nearest);
	else
		complain("no case is in group '%s'", group);
}

/* Names that fit nothing, each with the nearest that there is. */
static void unmatched_say(struct maker *maker, const struct site *sites, size_t site_count)
{
	for (size_t n = 0; n < maker->selection->count; n++) {
		const char *name = maker->selection->names[n], *nearest = NULL;
		size_t length = strcspn(name, ":"), best = length / 2 + 1;

		if (maker->matched[n])
			continue;
		maker->units->unmatched++;
		for (size_t s = 0; s < site_count && !is_pattern(name); s++)
			for (size_t i = 0; i < sites[s].cfg.count; i++)
				if (str_nearest(name, length, sites[s].cfg.cases[i].name, &best))
					nearest = sites[s].cfg.cases[i].name;
		if (nearest)
			complain("no case is named '%s'; the nearest is '%s'", name, nearest);
		else
			complain("no case is named '%s'", name);
	}
}

void units_make(struct units *units, const struct site *sites, size_t site_count,
		const struct vmm_wish *vmms, size_t vmm_count,
		const struct selection *selection)
{
	struct maker maker = {
		.units = units, .selection = selection, .vmms = vmms, .vmm_count = vmm_count,
		.matched = mem_new(selection->count * sizeof(bool)),
	};
	static const char *const one_round[] = { NULL, NULL };
	const char *const *parameters = selection->parameters ? selection->parameters : one_round;
	unsigned int rounds = selection->rounds ? selection->rounds : 1;

	*units = (struct units){ 0 };
	do {
		for (unsigned int round = 0; round < rounds; round++)
			for (size_t s = 0; s < site_count; s++)
				for (size_t i = 0; i < sites[s].cfg.count; i++)
					case_add(&maker, &sites[s], &sites[s].cfg.cases[i],
						 *parameters, round);
	} while (*parameters && *++parameters);
	unmatched_say(&maker, sites, site_count);
	group_check(&maker, sites, site_count);
	free(maker.matched);
}

/* splitmix64: a generator whose every state gives another number. */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void units_shuffle(struct units *units, uint64_t seed)
{
	for (size_t i = units->count; i > 1; i--) {
		size_t other = random_next(&seed) % i;
		struct unit unit = units->unit[i - 1];

		units->unit[i - 1] = units->unit[other];
		units->unit[other] = unit;
	}
}

static void expected_key(struct buf *out, const char *name, const char *arch)
{
	out->length = 0;
	buf_printf(out, "%s\t%s", arch, name);
}

struct expectations {
	struct map *map;
	const char *arch;
	struct buf key;
};

static void expectation_take(void *context, const char *name, const char *kind,
			     uint64_t duration_ns)
{
	struct expectations *expectations = context;
	size_t *known;

	(void)kind;
	expected_key(&expectations->key, name, expectations->arch);
	known = map_at(expectations->map, buf_text(&expectations->key));
	if (*known < duration_ns)
		*known = duration_ns;
}

/* Stable: units that took the same time stay in their order. */
static int longer_first(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;
	uint64_t first = x->expected_ns ? x->expected_ns : UINT64_MAX;
	uint64_t second = y->expected_ns ? y->expected_ns : UINT64_MAX;

	if (first != second)
		return first > second ? -1 : 1;
	return x->one < y->one ? -1 : x->one > y->one;
}

void units_longest_first(struct units *units)
{
	struct map map = { 0 };
	struct expectations expectations = { .map = &map };
	const struct site *asked = NULL;
	size_t known = 0;

	for (size_t i = 0; i < units->count; i++) {
		struct unit *unit = &units->unit[i];
		const size_t *found;

		expectations.arch = unit->site->session->arch;
		if (unit->site != asked)
			history_durations(expectations.arch, expectation_take, &expectations);
		asked = unit->site;
		expected_key(&expectations.key, unit->one->name, expectations.arch);
		found = map_find(&map, buf_text(&expectations.key));
		unit->expected_ns = found ? *found : 0;
		known += found != NULL;
	}
	/* Where nothing is known, the file's order is as good as any. */
	if (known)
		qsort(units->unit, units->count, sizeof(*units->unit), longer_first);
	buf_free(&expectations.key);
	map_free(&map);
}

void units_free(struct units *units)
{
	for (size_t i = 0; i < units->count; i++)
		free(units->unit[i].tests);
	free(units->unit);
	*units = (struct units){ 0 };
}

void unit_label(const struct unit *unit, bool several_sites, bool several_vmms,
		struct buf *out)
{
	const char *separator = "@";

	utf8_add(out, unit->one->name, strlen(unit->one->name));
	if (several_sites) {
		buf_printf(out, "%s%s", separator, unit->site->session->arch);
		separator = ",";
	}
	if (several_vmms) {
		buf_printf(out, "%s%s", separator, unit->vmm->word);
		separator = ",";
	}
	if (unit->parameters)
		buf_printf(out, "%s%s", separator, unit->parameters);
}
