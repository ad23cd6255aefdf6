/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GitHub Actions: an annotation at the source line of each failed check, and
 * a table in the job's summary ($GITHUB_STEP_SUMMARY).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/report_file.h"
#include "runner/session.h"

#define ANNOTATIONS_MAX	50	/* GitHub shows no more of one job */

struct github {
	FILE *summary;
	size_t annotations;
};

/* Commands end with their line: what would end them is written as %XX. */
static void command_escape(struct buf *out, const char *text, bool property)
{
	for (; *text; text++) {
		if (*text == '%' || *text == '\n' || *text == '\r' ||
		    (property && (*text == ':' || *text == ',')))
			buf_printf(out, "%%%02X", *text);
		else
			buf_add(out, text, 1);
	}
}

static bool github_begin(struct writing *writing, char *why, size_t size)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	struct github *github = mem_new(sizeof(*github));

	writing->state = github;
	if (!path || !*path)
		return true;
	github->summary = fopen(path, "ae");
	if (!github->summary) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		free(github);
		return false;
	}
	fputs("| verdict | case | |\n|---|---|---|\n", github->summary);
	return true;
}

static void annotate(struct writing *writing, const struct check_item *check,
		     const char *title, const char *message)
{
	struct github *github = writing->state;
	struct buf out = { 0 };

	if (github->annotations++ >= ANNOTATIONS_MAX)
		return;
	buf_puts(&out, "::error ");
	if (check && check->file) {
		buf_puts(&out, "file=");
		command_escape(&out, check->file, true);
		buf_printf(&out, ",line=%llu,", (unsigned long long)check->line);
	}
	buf_puts(&out, "title=");
	command_escape(&out, title, true);
	buf_puts(&out, "::");
	command_escape(&out, message, false);
	buf_puts(&out, "\n");
	fwrite(out.data, 1, out.length, writing->stream);
	buf_free(&out);
}

static void item_annotate(struct writing *writing, const struct results *results,
			  const struct result_item *item)
{
	struct buf title = { 0 }, message = { 0 };

	buf_printf(&title, "%s: ", results_label(results));
	results_place(results, item, &title);
	for (uint64_t i = item->check; i < item->check + item->checks; i++) {
		message.length = 0;
		check_print(&results->checks[i], "", &message);
		message.length--;
		annotate(writing, &results->checks[i], buf_text(&title), buf_text(&message));
	}
	/* A TEST that fails by its SUBTESTs has been told. */
	if (!item->checks && *item->path)
		annotate(writing, NULL, buf_text(&title), item->word);
	buf_free(&title);
	buf_free(&message);
}

static void cell_add(FILE *summary, const char *text)
{
	for (; *text; text++)
		if (*text == '|' || *text == '<')
			fprintf(summary, "&#%d;", *text);
		else if (*text != '\n')
			fputc(*text, summary);
}

static void github_add(struct writing *writing, const struct results *results)
{
	struct github *github = writing->state;

	if (!results_red(results->verdict))
		return;
	for (size_t i = 0; i < results->item_count; i++)
		if (results_failing(&results->items[i]))
			item_annotate(writing, results, &results->items[i]);
	if (results_whole(results)) {
		struct buf text = { 0 };

		buf_printf(&text, "%s: %s", results->verdict, results->text);
		annotate(writing, NULL, results_label(results), buf_text(&text));
		buf_free(&text);
	}
	if (!github->summary)
		return;
	fprintf(github->summary, "| %s | ", results->verdict);
	cell_add(github->summary, results_label(results));
	fputs(" | ", github->summary);
	cell_add(github->summary, results->text);
	fputs(" |\n", github->summary);
}

static void github_end(struct writing *writing)
{
	struct github *github = writing->state;
	struct buf text = { 0 };

	if (github->annotations > ANNOTATIONS_MAX)
		fprintf(writing->stream, "::warning::%zu more failures are not annotated\n",
			github->annotations - ANNOTATIONS_MAX);
	if (github->summary) {
		totals_print(&writing->totals, &text);
		fprintf(github->summary, "\n%s\n", buf_text(&text));
		if (fclose(github->summary))
			complain("$GITHUB_STEP_SUMMARY: %s", strerror(errno));
		buf_free(&text);
	}
	free(github);
}

const struct writer writer_github = {
	.name = "github", .file = "annotations.txt",
	.help = "GitHub Actions: annotations (=- prints them), and a table in the job's summary",
	.begin = github_begin, .add = github_add, .end = github_end,
};
