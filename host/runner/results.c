/* SPDX-License-Identifier: BSD-2-Clause */
/* What came of one case: its memory, and the table of its fields. */
#include "runner/results.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define TEXT(type, member)	{ #member, FIELD_TEXT, offsetof(struct type, member) }
#define NUMBER(type, member)	{ #member, FIELD_NUMBER, offsetof(struct type, member) }
#define INDEX(type, member)	{ #member, FIELD_INDEX, offsetof(struct type, member) }

const struct field case_fields[] = {
	TEXT(results, name), TEXT(results, label), TEXT(results, image),
	TEXT(results, groups), TEXT(results, arch),
	TEXT(results, backend), TEXT(results, accel), TEXT(results, kind),
	TEXT(results, perturbed), TEXT(results, command),
	TEXT(results, verdict), TEXT(results, text),
	TEXT(results, ending), TEXT(results, autopsy), TEXT(results, rerun),
	TEXT(results, log), TEXT(results, relation),
	NUMBER(results, started_us), NUMBER(results, duration_ns), NUMBER(results, boots),
	NUMBER(results, attempt), NUMBER(results, superseded), NUMBER(results, dropped), { 0 }
};

const struct field test_fields[] = {
	TEXT(test_item, name), TEXT(test_item, sentence), TEXT(test_item, file),
	NUMBER(test_item, line), TEXT(test_item, word), NUMBER(test_item, begin_ns),
	NUMBER(test_item, end_ns), { 0 }
};

const struct field result_fields[] = {
	INDEX(result_item, test), TEXT(result_item, word), TEXT(result_item, path),
	TEXT(result_item, reason), NUMBER(result_item, check), NUMBER(result_item, checks),
	{ 0 }
};

const struct field check_fields[] = {
	TEXT(check_item, file), NUMBER(check_item, line), TEXT(check_item, expression),
	TEXT(check_item, expected), TEXT(check_item, got), TEXT(check_item, text), { 0 }
};

const struct field metric_fields[] = {
	INDEX(metric_item, test), TEXT(metric_item, name), TEXT(metric_item, value),
	TEXT(metric_item, unit), { 0 }
};

struct test_item *results_add_test(struct results *results)
{
	struct test_item *test;

	results->tests = mem_grow(results->tests, results->test_count, sizeof(*test));
	test = &results->tests[results->test_count++];
	*test = (struct test_item){ 0 };
	return test;
}

struct result_item *results_add_item(struct results *results)
{
	struct result_item *item;

	results->items = mem_grow(results->items, results->item_count, sizeof(*item));
	item = &results->items[results->item_count++];
	*item = (struct result_item){ .test = RESULTS_NO_TEST };
	return item;
}

struct check_item *results_add_check(struct results *results)
{
	struct check_item *check;

	results->checks = mem_grow(results->checks, results->check_count, sizeof(*check));
	check = &results->checks[results->check_count++];
	*check = (struct check_item){ 0 };
	return check;
}

struct metric_item *results_add_metric(struct results *results)
{
	struct metric_item *metric;

	results->metrics = mem_grow(results->metrics, results->metric_count, sizeof(*metric));
	metric = &results->metrics[results->metric_count++];
	*metric = (struct metric_item){ .test = RESULTS_NO_TEST };
	return metric;
}

void results_release(void *record, const struct field *fields)
{
	for (const struct field *field = fields; field->name; field++)
		if (field->type == FIELD_TEXT)
			free(*(char **)((char *)record + field->offset));
}

void results_free(struct results *results)
{
	if (!results)
		return;
	for (size_t i = 0; i < results->test_count; i++)
		results_release(&results->tests[i], test_fields);
	for (size_t i = 0; i < results->item_count; i++)
		results_release(&results->items[i], result_fields);
	for (size_t i = 0; i < results->check_count; i++)
		results_release(&results->checks[i], check_fields);
	for (size_t i = 0; i < results->metric_count; i++)
		results_release(&results->metrics[i], metric_fields);
	free(results->tests);
	free(results->items);
	free(results->checks);
	free(results->metrics);
	results_release(results, case_fields);
	free(results);
}

bool results_red(const char *verdict)
{
	return strcmp(verdict, "PASS") && strcmp(verdict, "XFAIL") && strcmp(verdict, "SKIP");
}

const char *results_label(const struct results *results)
{
	return results->label ? results->label : results->name;
}

const char *results_test_name(const struct results *results, uint64_t test)
{
	return test < results->test_count ? results->tests[test].name : "";
}

bool results_failing(const struct result_item *item)
{
	return !strcmp(item->word, "FAIL") || !strcmp(item->word, "XPASS");
}
