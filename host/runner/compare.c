/* SPDX-License-Identifier: BSD-2-Clause */
/* Two sets of runs, and where they differ. */
#include "runner/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/fingerprint.h"
#include "runner/report_file.h"
#include "runner/run_set.h"

/* What is found, in the order in which it is told. */
enum finding {
	FOUND_NEW, FOUND_CHANGED, FOUND_LOST, FOUND_FLAKY, FOUND_SLOWER, FOUND_FIXED,
	FOUND_FASTER, FOUND_ADDED, FOUND_GONE, FOUND_SAME, FINDINGS
};

static const char *const finding_names[] = {
	[FOUND_NEW] = "NEW", [FOUND_CHANGED] = "CHANGED", [FOUND_LOST] = "LOST",
	[FOUND_FLAKY] = "FLAKY", [FOUND_SLOWER] = "SLOWER", [FOUND_FIXED] = "FIXED",
	[FOUND_FASTER] = "FASTER", [FOUND_ADDED] = "ADDED", [FOUND_GONE] = "GONE",
	[FOUND_SAME] = "SAME",
};

struct comparing {
	const struct run_set *before, *now;
	struct buf lines[FINDINGS];
	size_t counts[FINDINGS];
	size_t untold;
};

static struct buf *found(struct comparing *c, enum finding finding)
{
	c->counts[finding]++;
	buf_printf(&c->lines[finding], "%-7s ", finding_names[finding]);
	return &c->lines[finding];
}

static const struct result_item *item_find(const struct results *results, const char *test,
					   const char *path)
{
	for (size_t i = 0; results && i < results->item_count; i++) {
		const struct result_item *item = &results->items[i];

		if (!strcmp(results_test_name(results, item->test), test) &&
		    !strcmp(item->path, path))
			return item;
	}
	return NULL;
}

/* "CASE: TEST: SUBTEST: what the first failed check says" */
static void item_print(struct buf *out, const struct results *results,
		       const struct result_item *item)
{
	const struct check_item *check = item->checks ? &results->checks[item->check] : NULL;

	buf_printf(out, "%s: ", results_label(results));
	results_place(results, item, out);
	if (!strcmp(item->word, "XPASS"))
		buf_puts(out, ": unexpectedly passes");
	if (check && check->file)
		buf_printf(out, ": %s:%llu", check->file, (unsigned long long)check->line);
	if (check)
		buf_printf(out, ": %s", check->expression);
	if (check && check->expected)
		buf_printf(out, ": expected %s, got %s", check->expected,
			   check->got ? check->got : "something else");
	buf_puts(out, "\n");
}

/* A TEST that fails because of its SUBTESTs, which are told one by one. */
static bool item_implied(const struct results *results, const struct result_item *item)
{
	if (*item->path || item->checks || item->reason)
		return false;
	for (size_t i = 0; i < results->item_count; i++)
		if (results->items[i].test == item->test && *results->items[i].path &&
		    results_failing(&results->items[i]))
			return true;
	return false;
}

static void item_compare(struct comparing *c, const struct results *before,
			 const struct results *now, const struct result_item *item)
{
	const struct result_item *was = item_find(before, results_test_name(now, item->test),
						  item->path);
	enum finding finding = FOUND_NEW;

	if (was && results_failing(was))
		finding = fingerprint_item(before, was) == fingerprint_item(now, item) ?
			FOUND_SAME : FOUND_CHANGED;
	item_print(found(c, finding), now, item);
}

/* Failures of before that are none now. */
static void fixed_find(struct comparing *c, const struct results *before,
		       const struct results *now)
{
	for (size_t i = 0; i < before->item_count; i++) {
		const struct result_item *was = &before->items[i], *is;

		if (!results_failing(was) || item_implied(before, was))
			continue;
		is = item_find(now, results_test_name(before, was->test), was->path);
		if (is && results_failing(is))
			continue;
		if (is && strcmp(is->word, "SKIP"))
			item_print(found(c, FOUND_FIXED), before, was);
		else if (!results_red(now->verdict))
			item_print(found(c, is ? FOUND_LOST : FOUND_GONE), before, was);
	}
}

/* TESTs that ran and passed, and are SKIP now: a hole where coverage was. */
static void skips_find(struct comparing *c, const struct results *before,
		       const struct results *now)
{
	for (size_t i = 0; i < now->item_count; i++) {
		const struct result_item *item = &now->items[i], *was;

		if (strcmp(item->word, "SKIP"))
			continue;
		was = item_find(before, results_test_name(now, item->test), item->path);
		if (!was || strcmp(was->word, "PASS"))
			continue;
		buf_printf(found(c, FOUND_LOST), "%s: ", results_label(now));
		results_place(now, item, &c->lines[FOUND_LOST]);
		buf_printf(&c->lines[FOUND_LOST], ": ran before, SKIP now%s%s%s\n",
			   item->reason ? " (" : "", item->reason ? item->reason : "",
			   item->reason ? ")" : "");
	}
}

static void whole_compare(struct comparing *c, const struct results *before,
			  const struct results *now)
{
	switch (relation_of(before, now)) {
	case RELATION_NEW:
		buf_printf(found(c, FOUND_NEW), "%s: %s: %s\n", results_label(now), now->verdict,
			   now->text);
		break;
	case RELATION_CHANGED:
		buf_printf(found(c, FOUND_CHANGED), "%s: %s: %s; it was %s: %s\n",
			   results_label(now), now->verdict, now->text, before->verdict,
			   before->text);
		break;
	case RELATION_SAME:
		buf_printf(found(c, FOUND_SAME), "%s: %s: %s\n", results_label(now), now->verdict,
			   now->text);
		break;
	case RELATION_LOST:
		buf_printf(found(c, FOUND_LOST), "%s: ran before (%s), SKIP now (%s)\n",
			   results_label(now), before->verdict, now->text);
		break;
	case RELATION_FIXED:
		if (results_whole(before))
			buf_printf(found(c, FOUND_FIXED), "%s: it was %s: %s\n", results_label(now),
				   before->verdict, before->text);
		break;
	case RELATION_ADDED:
		buf_printf(found(c, FOUND_ADDED), "%s: %s\n", results_label(now), now->verdict);
		break;
	case RELATION_GREEN:
	case RELATION_SKIP:
		break;
	}
}

static bool flaky(const struct run_set *set, const struct results *last)
{
	const struct results *one = last;

	while ((one = run_set_next(set, one)))
		if (results_red(one->verdict) != results_red(last->verdict))
			return true;
	return false;
}

static void case_compare(struct comparing *c, const struct results *before,
			 const struct results *now)
{
	bool told = false;

	if (flaky(c->now, now)) {
		buf_printf(found(c, FOUND_FLAKY), "%s: passes and fails in the same set of runs\n",
			   results_label(now));
		return;
	}
	for (size_t i = 0; i < now->item_count; i++) {
		if (!results_failing(&now->items[i]) || item_implied(now, &now->items[i]))
			continue;
		item_compare(c, before, now, &now->items[i]);
		told = true;
	}
	if (!told || results_whole(now))
		whole_compare(c, before, now);
	if (before && strcmp(now->verdict, "SKIP")) {
		fixed_find(c, before, now);
		skips_find(c, before, now);
	}
}

static void times_gather(const struct run_set *set, const struct results *results,
			 struct sample *sample)
{
	for (; results; results = run_set_next(set, results))
		if (!results_red(results->verdict) && results->boots)
			sample_add(sample, results->duration_ns / 1e6);
}

static void metric_gather(const struct run_set *set, const struct results *results,
			  const char *test, const struct metric_item *like,
			  struct sample *sample)
{
	for (; results; results = run_set_next(set, results))
		for (size_t i = 0; i < results->metric_count; i++) {
			const struct metric_item *metric = &results->metrics[i];

			if (!strcmp(metric->name, like->name) &&
			    !strcmp(metric->unit, like->unit) &&
			    !strcmp(results_test_name(results, metric->test), test))
				sample_add(sample, strtod(metric->value, NULL));
		}
}

/* What is measured per something is better when there is more of it. */
static bool more_is_better(const char *unit)
{
	return strstr(unit, "/s") || strstr(unit, "per second") || strstr(unit, "Hz");
}

static void samples_compare(struct comparing *c, const char *name, const char *what,
			    const char *unit, double least, struct sample *before,
			    struct sample *now)
{
	double was, is, p;
	bool worse;

	if (!before->count || !now->count)
		return;
	was = sample_median(before);
	is = sample_median(now);
	if (mann_whitney_least(before->count, now->count) >= COMPARE_P) {
		c->untold += fabs(is - was) > fabs(was) * least;
		return;
	}
	p = mann_whitney(before, now);
	if (p >= COMPARE_P || fabs(is - was) <= fabs(was) * least)
		return;
	worse = (is > was) != more_is_better(unit);
	buf_printf(found(c, worse ? FOUND_SLOWER : FOUND_FASTER),
		   "%s: %s: median %.6g, was %.6g %s (%+.0f %%, p = %.2g, %zu and %zu values)\n",
		   name, what, is, was, unit, was ? (is - was) / was * 100 : 0, p,
		   now->count, before->count);
}

static bool metric_seen(const struct results *results, size_t index)
{
	const struct metric_item *metric = &results->metrics[index];

	for (size_t i = 0; i < index; i++)
		if (results->metrics[i].test == metric->test &&
		    !strcmp(results->metrics[i].name, metric->name) &&
		    !strcmp(results->metrics[i].unit, metric->unit))
			return true;
	return false;
}

static void measures_compare(struct comparing *c, const struct results *before,
			     const struct results *now)
{
	struct sample was = { 0 }, is = { 0 };

	/* Another kind of host is another measure. */
	if (before->kind && now->kind && strcmp(before->kind, now->kind))
		return;
	times_gather(c->before, before, &was);
	times_gather(c->now, now, &is);
	samples_compare(c, results_label(now), "time of the case", "ms", COMPARE_TIME, &was, &is);
	sample_free(&was);
	sample_free(&is);
	for (size_t i = 0; i < now->metric_count; i++) {
		const struct metric_item *metric = &now->metrics[i];
		const char *test = results_test_name(now, metric->test);
		struct buf what = { 0 };

		if (metric_seen(now, i))
			continue;
		metric_gather(c->before, before, test, metric, &was);
		metric_gather(c->now, now, test, metric, &is);
		buf_printf(&what, "%s%s%s", test, *test ? ": " : "", metric->name);
		samples_compare(c, results_label(now), buf_text(&what), metric->unit, COMPARE_LEAST,
				&was, &is);
		buf_free(&what);
		sample_free(&was);
		sample_free(&is);
	}
}

/* Each case once: the last of its name and kind. */
static bool is_last(const struct run_set *set, const struct results *results)
{
	return run_set_find(set, results) == results;
}

static void gone_find(struct comparing *c)
{
	for (size_t i = 0; i < c->before->count; i++) {
		const struct results *was = c->before->cases[i];

		if (is_last(c->before, was) &&
		    !run_set_find(c->now, was))
			buf_printf(found(c, FOUND_GONE), "%s: was %s, and is not in the run\n",
				   results_label(was), was->verdict);
	}
}

struct comparison compare(const struct run_set *before, const struct run_set *now,
			  bool partial, bool verbose, struct buf *out)
{
	struct comparing c = { .before = before, .now = now };

	for (size_t i = 0; i < now->count; i++) {
		const struct results *is = now->cases[i], *was;

		if (!is_last(now, is))
			continue;
		was = run_set_find(before, is);
		case_compare(&c, was, is);
		if (was)
			measures_compare(&c, was, is);
	}
	if (!partial)
		gone_find(&c);
	for (size_t i = 0; i < FINDINGS; i++) {
		if (i != FOUND_SAME || verbose)
			buf_add(out, c.lines[i].data, c.lines[i].length);
		buf_free(&c.lines[i]);
	}
	return (struct comparison){
		.fresh = c.counts[FOUND_NEW], .changed = c.counts[FOUND_CHANGED],
		.lost = c.counts[FOUND_LOST], .flaky = c.counts[FOUND_FLAKY],
		.slower = c.counts[FOUND_SLOWER], .fixed = c.counts[FOUND_FIXED],
		.same = c.counts[FOUND_SAME], .faster = c.counts[FOUND_FASTER],
		.added = c.counts[FOUND_ADDED], .gone = c.counts[FOUND_GONE],
		.untold = c.untold,
	};
}

void compare_totals(const struct comparison *c, struct buf *out)
{
	const struct { size_t count; const char *word; } counts[] = {
		{ c->fresh, "NEW" }, { c->changed, "CHANGED" }, { c->lost, "LOST" },
		{ c->flaky, "FLAKY" }, { c->slower, "SLOWER" }, { c->fixed, "FIXED" },
		{ c->faster, "FASTER" }, { c->added, "ADDED" }, { c->gone, "GONE" },
		{ c->same, "the same" },
	};
	const char *separator = "";

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		if (!counts[i].count)
			continue;
		buf_printf(out, "%s%zu %s", separator, counts[i].count, counts[i].word);
		separator = ", ";
	}
	if (!*separator)
		buf_puts(out, "no difference");
	if (c->untold)
		buf_printf(out, "; %zu measures differ, but it takes %d and %d values to tell "
			   "(--repeat)", c->untold, COMPARE_VALUES, COMPARE_VALUES);
}
