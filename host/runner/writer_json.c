/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON lines: docs/events.md is their description.  The lines of one case stand
 * together, written when its verdict stands.
 */
#include <string.h>

#include "base/buf.h"
#include "runner/report_file.h"

#ifdef HAVE_JANSSON
#include "runner/json.h"

json_t *json_record(const void *record, const struct field *fields)
{
	json_t *object = json_object();

	for (const struct field *field = fields; field->name; field++) {
		const void *at = (const char *)record + field->offset;
		json_t *value = NULL;

		if (field->type != FIELD_TEXT && *(const uint64_t *)at != RESULTS_NO_TEST)
			value = json_integer(*(const uint64_t *)at);
		else if (field->type == FIELD_TEXT && *(char *const *)at)
			value = json_string(*(char *const *)at);
		if (value)
			json_object_set_new(object, field->name, value);
	}
	return object;
}

json_t *json_result(const struct results *results, const struct result_item *item)
{
	json_t *object = json_object(), *checks = json_array();
	const char *test = results_test_name(results, item->test);

	if (*test)
		json_object_set_new(object, "test", json_string(test));
	if (*item->path)
		json_object_set_new(object, *test ? "subtest" : "name", json_string(item->path));
	json_object_set_new(object, "result", json_string(item->word));
	if (item->reason)
		json_object_set_new(object, "reason", json_string(item->reason));
	for (uint64_t i = item->check; i < item->check + item->checks; i++)
		json_array_append_new(checks, json_record(&results->checks[i], check_fields));
	if (item->checks)
		json_object_set(object, "checks", checks);
	json_decref(checks);
	return object;
}

json_t *json_totals(const struct totals *totals)
{
	json_t *object = json_object();

	json_object_set_new(object, "cases", json_integer(totals->cases));
	json_object_set_new(object, "red", json_integer(totals->red));
#define VERDICT_SET(name)							\
	if (totals->name)							\
		json_object_set_new(object, #name, json_integer(totals->name));
	VERDICTS(VERDICT_SET)
#undef VERDICT_SET
	return object;
}

void json_line(FILE *stream, json_t *value)
{
	json_dumpf(value, stream, JSON_COMPACT);
	fputc('\n', stream);
	json_decref(value);
}

static void event_put(struct writing *writing, const char *event, const char *name,
		      json_t *fields)
{
	json_t *object = json_object();

	json_object_set_new(object, "event", json_string(event));
	if (name)
		json_object_set_new(object, "case", json_string(name));
	json_object_update(object, fields);
	json_decref(fields);
	json_line(writing->stream, object);
}

static bool begin(struct writing *writing, char *why, size_t size)
{
	json_t *run = json_record(writing->run, run_fields);

	(void)why;
	(void)size;
	json_object_set_new(run, "version", json_integer(1));
	if (writing->expected)
		json_object_set_new(run, "cases", json_integer(writing->expected));
	event_put(writing, "run-begin", NULL, run);
	return true;
}

/* The results of one TEST, between its begin and its end; or of none. */
static void results_put(struct writing *writing, const struct results *results, uint64_t test)
{
	for (size_t i = 0; i < results->item_count; i++)
		if (results->items[i].test == test)
			event_put(writing, "result", results->name,
				  json_result(results, &results->items[i]));
	for (size_t i = 0; i < results->metric_count; i++) {
		json_t *metric;

		if (results->metrics[i].test != test)
			continue;
		metric = json_record(&results->metrics[i], metric_fields);
		json_object_del(metric, "test");
		if (test != RESULTS_NO_TEST)
			json_object_set_new(metric, "test",
					    json_string(results_test_name(results, test)));
		event_put(writing, "metric", results->name, metric);
	}
}

static void test_put(struct writing *writing, const struct results *results, size_t index)
{
	const struct test_item *test = &results->tests[index];
	json_t *begun = json_record(test, test_fields), *ended;

	json_object_del(begun, "word");
	json_object_del(begun, "end_ns");
	json_object_set_new(begun, "test", json_string(test->name));
	json_object_del(begun, "name");
	event_put(writing, "test-begin", results->name, begun);
	results_put(writing, results, index);
	ended = json_object();
	json_object_set_new(ended, "test", json_string(test->name));
	/* Without a result it began and never ended. */
	if (test->word)
		json_object_set_new(ended, "result", json_string(test->word));
	json_object_set_new(ended, "end_ns", json_integer(test->end_ns));
	event_put(writing, "test-end", results->name, ended);
}

static void add(struct writing *writing, const struct results *results)
{
	static const char *const at_begin[] = {
		"image", "groups", "arch", "backend", "accel", "kind",
		"perturbed", "command", "started_us",
	};
	json_t *all = json_record(results, case_fields), *begun = json_object();

	json_object_del(all, "name");
	for (size_t i = 0; i < sizeof(at_begin) / sizeof(*at_begin); i++) {
		json_t *value = json_object_get(all, at_begin[i]);

		if (value)
			json_object_set(begun, at_begin[i], value);
		json_object_del(all, at_begin[i]);
	}
	event_put(writing, "case-begin", results->name, begun);
	results_put(writing, results, RESULTS_NO_TEST);
	for (size_t i = 0; i < results->test_count; i++)
		test_put(writing, results, i);
	event_put(writing, "case-end", results->name, all);
}

static void end(struct writing *writing)
{
	json_t *totals = json_totals(&writing->totals);

	json_object_set_new(totals, "duration_ns", json_integer(writing->totals.wall_ns));
	event_put(writing, "run-end", NULL, totals);
}
#endif

const struct writer writer_json = {
	.name = "json", .file = "events.jsonl", .help = "JSON lines, one event a line",
#ifdef HAVE_JANSSON
	.begin = begin, .add = add, .end = end,
#else
	.lacks = "jansson",
#endif
};
