/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page that needs nothing else: page.html, with the results as JSON in its
 * middle.  A case is written as it ends, so that memory stays flat.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/report_file.h"
#include "runner/settings.h"

#ifdef HAVE_JANSSON
#include "runner/json.h"
#include "runner/lines.h"

#define LOG_RED		65536	/* bytes of a red case's log that the page shows, */
#define LOG_GREEN	8192	/* and of another one's */
#define MARK		"<!--DATA-->\n"

extern const char page_html[], page_html_end[];

__asm__(".section .rodata\n"
	".globl page_html, page_html_end\n"
	"page_html: .incbin \"host/runner/page.html\"\n"
	"page_html_end: .byte 0\n"
	".previous\n");

/* "NAME = JSON;" as a script of its own, which no text in it can end. */
static void script(struct writing *writing, const char *before, json_t *value,
		   const char *after)
{
	char *text = json_dumps(value, JSON_COMPACT);
	const char *rest = text ? text : "null";

	fprintf(writing->stream, "<script>%s", before);
	while (*rest) {
		size_t plain = strcspn(rest, "<");

		fwrite(rest, 1, plain, writing->stream);
		rest += plain;
		if (*rest) {
			fputs("\\u003c", writing->stream);
			rest++;
		}
	}
	fprintf(writing->stream, "%s</script>\n", after);
	free(text);
	json_decref(value);
}

static bool begin(struct writing *writing, char *why, size_t size)
{
	const char *mark = strstr(page_html, MARK);

	(void)why;
	(void)size;
	writing->state = (void *)(uintptr_t)(mark + strlen(MARK));
	fwrite(page_html, 1, mark - page_html, writing->stream);
	script(writing, "run = ", json_record(writing->run, run_fields), ";");
	return true;
}

/* The end of the log, which says how it went; its first line is the command. */
static json_t *log_read(const struct results *results)
{
	size_t most = results_red(results->verdict) ? LOG_RED : LOG_GREEN, size;
	char *text = results->log ? file_read(results->log, &size) : NULL;
	struct buf out = { 0 };
	json_t *value;
	char *begin;

	if (!text)
		return NULL;
	begin = strchr(text, '\n');
	begin = begin ? begin + 1 : text;
	if (strlen(begin) > most) {
		buf_puts(&out, "(its beginning is left out)\n");
		begin += strlen(begin) - most;
	}
	/* Cut anywhere, it may begin within a character. */
	utf8_add(&out, begin, strlen(begin));
	value = json_string(buf_text(&out));
	buf_free(&out);
	free(text);
	return value;
}

static void add(struct writing *writing, const struct results *results)
{
	json_t *object = json_record(results, case_fields), *list = json_array();
	json_t *log = log_read(results), *metrics = json_array();

	for (size_t i = 0; i < results->item_count; i++)
		json_array_append_new(list, json_result(results, &results->items[i]));
	for (size_t i = 0; i < results->metric_count; i++)
		json_array_append_new(metrics, json_record(&results->metrics[i], metric_fields));
	json_object_set_new(object, "results", list);
	json_object_set_new(object, "metrics", metrics);
	if (log)
		json_object_set_new(object, "output", log);
	script(writing, "cases.push(", object, ");");
}

static void end(struct writing *writing)
{
	json_t *totals = json_totals(&writing->totals);

	json_object_set_new(totals, "duration_ns", json_integer(writing->totals.wall_ns));
	script(writing, "totals = ", totals, ";");
	fputs(writing->state, writing->stream);
}
#endif

const struct writer writer_html = {
	.name = "html", .file = "report.html",
	.help = "one page with results, durations, metrics and logs, for a browser",
	.whole = true,
#ifdef HAVE_JANSSON
	.begin = begin, .add = add, .end = end,
#else
	.lacks = "jansson",
#endif
};
