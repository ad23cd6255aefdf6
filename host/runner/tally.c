/* SPDX-License-Identifier: BSD-2-Clause */
/* What an image reported: the state of each TEST, and counts. */
#include "runner/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "runner/known.h"
#include "runner/lines.h"
#include "runner/plan.h"

void tally_start(struct tally *tally, const struct plan *plan, const struct known *known,
		 const char *image, const struct known_host *host)
{
	*tally = (struct tally){
		.plan = plan, .current = -1, .subtest = mem_copy(""),
		.tests = mem_new(plan->count * sizeof(*tally->tests)),
	};
	for (size_t i = 0; plan->ours && i < known->count; i++) {
		if (!known_applies(&known->entries[i], image, host))
			continue;
		tally->known = mem_grow(tally->known, tally->known_count, sizeof(*tally->known));
		tally->known[tally->known_count++] =
			(struct known_hits){ .entry = &known->entries[i] };
	}
}

void tally_free(struct tally *tally)
{
	free(tally->tests);
	free(tally->known);
	free(tally->subtest);
	free(tally->summary);
	free(tally->error);
	*tally = (struct tally){ 0 };
}

static void text_replace(char **field, const char *text)
{
	free(*field);
	*field = mem_copy(text);
}

/* The SUBTEST that a result of the current TEST is about: "" is the TEST. */
static const char *result_path(const struct tally *tally, const char *text)
{
	const char *rest = line_after(text, tally->plan->tests[tally->current].name);

	return rest && rest[0] == ':' && rest[1] == ' ' ? rest + 2 : "";
}

static const struct known_entry *known_hit(struct tally *tally, const char *path, bool failed)
{
	const char *name = tally->plan->tests[tally->current].name;
	const struct known_entry *hit = NULL;

	for (size_t i = 0; i < tally->known_count; i++) {
		struct known_hits *known = &tally->known[i];

		/* A whole TEST's entry is judged at the TEST's end. */
		if (!known_covers(known->entry, name, path))
			continue;
		if (failed) {
			known->failed++;
			hit = known->entry;
		} else if (known->entry->subtest || !*path) {
			known->passed++;
		}
	}
	return hit;
}

static const struct known_entry *fail_take(struct tally *tally, const char *text)
{
	const struct known_entry *hit;
	const char *path;

	if (tally->current < 0)
		return NULL;
	path = result_path(tally, text);
	hit = known_hit(tally, path, true);
	/* The TEST fails because of SUBTESTs that are known to, and else of nothing. */
	if (!hit && !*path && tally->test_known && !tally->test_unknown && !tally->details)
		for (size_t i = 0; i < tally->known_count; i++)
			if (tally->known[i].failed && !strcmp(tally->known[i].entry->test,
					tally->plan->tests[tally->current].name))
				hit = tally->known[i].entry;
	if (*path)
		(*(hit ? &tally->test_known : &tally->test_unknown))++;
	if (hit) {
		tally->known_failures++;
		tally->reason = hit->reason;
	}
	return hit;
}

static const struct known_entry *result_take(struct tally *tally, const struct event *event)
{
	const struct known_entry *hit = NULL;

	tally->results[event->result]++;
	if (event->result == ABI_RESULT_FAIL)
		hit = fail_take(tally, event->text);
	else if (event->result == ABI_RESULT_PASS && tally->current >= 0)
		known_hit(tally, result_path(tally, event->text), false);
	if (tally->current >= 0 && event->result == ABI_RESULT_FAIL && !hit && !tally->error) {
		const char *reason = strstr(event->text, " (error: ");
		struct buf error = { 0 };

		if (reason) {
			buf_printf(&error, "%.*s: %s", (int)(reason - event->text),
				   event->text, reason + strlen(" (error: "));
			if (error.data[error.length - 1] == ')')
				error.length--;
			tally->error = buf_take(&error);
		}
	}
	tally->details = false;
	return hit;
}

static void end_take(struct tally *tally, const struct event *event)
{
	struct test_run *test = &tally->tests[event->test];
	struct buf error = { 0 };

	test->state = TEST_ENDED;
	tally->current = -1;
	text_replace(&tally->subtest, "");
	if (event->result != ABI_RESULT_PASS || event->checks || tally->error)
		return;
	buf_printf(&error, "%s: no check was executed", tally->plan->tests[event->test].name);
	tally->error = buf_take(&error);
}

const struct known_entry *tally_event(struct tally *tally, const struct event *event)
{
	switch (event->kind) {
	case EVENT_TEST_BEGIN:
		tally->current = event->test;
		tally->tests[event->test].state = TEST_BEGUN;
		tally->test_known = tally->test_unknown = 0;
		tally->details = false;
		text_replace(&tally->subtest, "");
		break;
	case EVENT_SUBTEST:
		text_replace(&tally->subtest, event->text);
		break;
	case EVENT_DETAIL:
		tally->details = true;
		break;
	case EVENT_RESULT:
		return result_take(tally, event);
	case EVENT_TEST_END:
		end_take(tally, event);
		break;
	case EVENT_SUMMARY:
		text_replace(&tally->summary, event->text);
		tally->summary_line = tally->lines;
		break;
	}
	return NULL;
}

int tally_test_named(const struct tally *tally, const char *name, size_t length)
{
	for (size_t i = 0; i < tally->plan->count; i++)
		if (tally->tests[i].state == TEST_NEVER &&
		    str_same(name, length, tally->plan->tests[i].name))
			return i;
	return -1;
}

bool tally_ends(const struct tally *tally, const char *text)
{
	const char *rest;

	if (tally->current < 0)
		return false;
	rest = line_after(text, tally->plan->tests[tally->current].name);
	return rest && (!*rest || (rest[0] == ' ' && rest[1] == '('));
}

unsigned int tally_total(const struct tally *tally)
{
	unsigned int total = 0;

	for (int i = 0; i < ABI_RESULT_COUNT; i++)
		total += tally->results[i];
	return total;
}

unsigned int tally_unexpected(const struct tally *tally)
{
	return tally->results[ABI_RESULT_FAIL] - tally->known_failures +
	       tally->results[ABI_RESULT_XPASS];
}

void tally_summary(const struct tally *tally, struct buf *out)
{
	unsigned int expected = tally->results[ABI_RESULT_XFAIL] + tally->known_failures;

	buf_printf(out, "%u tests", tally_total(tally));
	if (tally_unexpected(tally))
		buf_printf(out, ", %u unexpected failures", tally_unexpected(tally));
	if (expected)
		buf_printf(out, ", %u expected failures", expected);
	if (tally->results[ABI_RESULT_SKIP])
		buf_printf(out, ", %u skipped", tally->results[ABI_RESULT_SKIP]);
}

/* Is this entry's failure, by itself or by another entry, one that may be absent? */
static bool may_pass(const struct tally *tally, const struct known_entry *entry)
{
	const char *subtest = entry->subtest ? entry->subtest : "";

	for (size_t i = 0; i < tally->known_count; i++) {
		const struct known_entry *other = tally->known[i].entry;

		if (known_sometimes(other) && known_covers(other, entry->test, subtest))
			return true;
	}
	return known_sometimes(entry);
}

unsigned int tally_xpass(const struct tally *tally, struct buf *out)
{
	unsigned int count = 0;

	for (size_t i = 0; i < tally->known_count; i++) {
		const struct known_hits *known = &tally->known[i];

		if (!known->passed || known->failed || may_pass(tally, known->entry))
			continue;
		buf_printf(out, "%s%s", count++ ? ", " : "", known->entry->test);
		if (known->entry->subtest)
			buf_printf(out, ": %s", known->entry->subtest);
	}
	return count;
}

void tally_place(const struct tally *tally, struct buf *out)
{
	buf_puts(out, tally->plan->tests[tally->current].name);
	if (*tally->subtest)
		buf_printf(out, ": %s", tally->subtest);
}

bool tally_end_known(const struct tally *tally)
{
	for (size_t i = 0; tally->current >= 0 && i < tally->known_count; i++) {
		const struct known_entry *entry = tally->known[i].entry;
		const char *name = tally->plan->tests[tally->current].name;

		if (known_covers(entry, name, "") ||
		    known_covers(entry, name, tally->subtest))
			return true;
	}
	return false;
}
