/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP version 14 and KTAP version 1: a case is a test, and its results are its
 * subtests.  Both are strict here; what run_tests.sh -t prints is report_tap.c.
 */
#include <string.h>

#include "base/buf.h"
#include "runner/report_file.h"

#define INDENT_TAP	"    "
#define INDENT_KTAP	"  "

static bool is_ktap(const struct writing *writing)
{
	return writing->writer == &writer_ktap;
}

/* In descriptions, '#' begins a directive and '\' protects; KTAP cannot protect. */
static void description_add(struct buf *out, bool ktap, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r')
			buf_puts(out, " ");
		else if (*text == '#' && ktap)
			buf_puts(out, "No.");
		else if ((*text == '#' || *text == '\\') && !ktap)
			buf_printf(out, "\\%c", *text);
		else
			buf_add(out, text, 1);
	}
}

/* The outcomes that are neither plain "ok" nor plain "not ok". */
static const struct directive {
	const char *word;
	bool good;
	const char *tap, *ktap;
} directives[] = {
	{ "PASS",	true,  NULL,	NULL },
	{ "SKIP",	true,  "SKIP",	"SKIP" },
	{ "XFAIL",	false, "TO" "DO", "XFAIL" },
	{ "TIMEOUT",	false, NULL,	"TIMEOUT" },
	{ "ERROR",	false, NULL,	"ERROR" },
	{ NULL,		false, NULL,	NULL },
};

static const struct directive *directive_of(const char *word)
{
	const struct directive *one = directives;

	while (one->word && strcmp(one->word, word))
		one++;
	return one;
}

static void point_add(struct buf *out, bool ktap, const char *indent, size_t number,
		      const char *name, const char *word, const char *reason)
{
	const struct directive *one = directive_of(word);
	const char *directive = ktap ? one->ktap : one->tap;
	/* kselftest says "ok" to what fails as expected. */
	bool good = one->good || (ktap && !strcmp(word, "XFAIL"));

	buf_printf(out, "%s%s %zu ", indent, good ? "ok" : "not ok", number);
	buf_puts(out, ktap ? "" : "- ");
	description_add(out, ktap, name);
	if (directive)
		buf_printf(out, " # %s", directive);
	if (directive && reason && *reason) {
		buf_puts(out, " ");
		description_add(out, ktap, reason);
	}
	buf_puts(out, "\n");
}

static void yaml_line(struct buf *out, const char *indent, const char *key, const char *text)
{
	buf_printf(out, "%s  %s: \"", indent, key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else if (*text == '\n')
			buf_puts(out, "\\n");
		else if (*text == '\t')
			buf_puts(out, "\\t");
		else if ((unsigned char)*text < ' ')
			buf_printf(out, "\\x%02x", (unsigned char)*text);
		else
			buf_add(out, text, 1);
	}
	buf_puts(out, "\"\n");
}

/* KTAP has comments; TAP 14 one block of YAML a result, so it shows the first check. */
static void checks_add(struct buf *out, bool ktap, const char *indent,
		       const struct results *results, const struct result_item *item)
{
	const struct check_item *check;
	struct buf prefix = { 0 };

	if (!item->checks)
		return;
	check = &results->checks[item->check];
	buf_printf(&prefix, "%s# ", indent);
	for (uint64_t i = 0; ktap && i < item->checks; i++)
		check_print(&check[i], buf_text(&prefix), out);
	buf_free(&prefix);
	if (ktap)
		return;
	buf_printf(out, "%s  ---\n", indent);
	yaml_line(out, indent, "message", check->expression);
	if (check->file) {
		yaml_line(out, indent, "file", check->file);
		buf_printf(out, "%s  line: %llu\n", indent, (unsigned long long)check->line);
	}
	if (check->expected)
		yaml_line(out, indent, "wanted", check->expected);
	if (check->got)
		yaml_line(out, indent, "found", check->got);
	if (check->text)
		yaml_line(out, indent, "text", check->text);
	if (item->checks > 1)
		buf_printf(out, "%s  failed_checks: %llu\n", indent,
			   (unsigned long long)item->checks);
	buf_printf(out, "%s  ...\n", indent);
}

static bool tap_begin(struct writing *writing, char *why, size_t size)
{
	(void)why;
	(void)size;
	fputs(is_ktap(writing) ? "KTAP version 1\n" : "TAP version 14\n", writing->stream);
	if (is_ktap(writing) && writing->expected)
		fprintf(writing->stream, "1..%zu\n", writing->expected);
	return true;
}

static void subtests_add(struct buf *out, bool ktap, const struct results *results)
{
	const char *indent = ktap ? INDENT_KTAP : INDENT_TAP;

	if (ktap) {
		buf_printf(out, "%sKTAP version 1\n%s1..%zu\n", indent, indent,
			   results->item_count);
	} else {
		buf_puts(out, "# Subtest: ");
		description_add(out, false, results_label(results));
		buf_printf(out, "\n%s1..%zu\n", indent, results->item_count);
	}
	for (size_t i = 0; i < results->item_count; i++) {
		const struct result_item *item = &results->items[i];
		struct buf name = { 0 };

		results_place(results, item, &name);
		point_add(out, ktap, indent, i + 1, buf_text(&name), item->word, item->reason);
		checks_add(out, ktap, indent, results, item);
		buf_free(&name);
	}
}

static void tap_add(struct writing *writing, const struct results *results)
{
	bool ktap = is_ktap(writing), whole = results_whole(results);
	struct buf out = { 0 };

	if (results->item_count)
		subtests_add(&out, ktap, results);
	if (whole && ktap && !directive_of(results->verdict)->ktap)
		buf_printf(&out, "# %s\n", results->text);
	point_add(&out, ktap, "", writing->totals.cases, results_label(results), results->verdict,
		  results->text);
	if (!ktap) {
		buf_puts(&out, "  ---\n");
		yaml_line(&out, "", "verdict", results->verdict);
		if (*results->text)
			yaml_line(&out, "", "message", results->text);
		buf_printf(&out, "  duration_ms: %.3f\n", results->duration_ns / 1e6);
		if (results->autopsy)
			yaml_line(&out, "", "autopsy", results->autopsy);
		buf_puts(&out, "  ...\n");
	}
	fwrite(out.data, 1, out.length, writing->stream);
	buf_free(&out);
}

static void tap_end(struct writing *writing)
{
	if (!is_ktap(writing) || !writing->expected)
		fprintf(writing->stream, "1..%zu\n", writing->totals.cases);
}

const struct writer writer_tap = {
	.name = "tap", .file = "results.tap", .help = "TAP version 14, results as subtests",
	.begin = tap_begin, .add = tap_add, .end = tap_end,
};

const struct writer writer_ktap = {
	.name = "ktap", .file = "results.ktap", .help = "KTAP version 1, as the kernel's tests",
	.begin = tap_begin, .add = tap_add, .end = tap_end,
};
