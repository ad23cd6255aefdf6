/* SPDX-License-Identifier: BSD-2-Clause */
/* The file "results" of a run's folder. */
#include "runner/results_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "runner/lines.h"

#define MAGIC	"flatbed-results\t1\n"

#define RUN(type, member)	{ #member, type, offsetof(struct run_info, member) }

const struct field run_fields[] = {
	RUN(FIELD_TEXT, id), RUN(FIELD_NUMBER, started_us), RUN(FIELD_NUMBER, jobs),
	RUN(FIELD_TEXT, command), RUN(FIELD_TEXT, directory), RUN(FIELD_TEXT, arch),
	RUN(FIELD_TEXT, build), RUN(FIELD_TEXT, host), RUN(FIELD_TEXT, cpu),
	RUN(FIELD_TEXT, kernel), RUN(FIELD_TEXT, kvm), RUN(FIELD_TEXT, vmm),
	RUN(FIELD_TEXT, modules), { 0 }
};

void run_info_free(struct run_info *run)
{
	results_release(run, run_fields);
	*run = (struct run_info){ 0 };
}

static void value_write(struct buf *out, const char *text)
{
	static const char from[] = "\t\n\r\\", to[] = "tnr\\";

	while (*text) {
		size_t plain = strcspn(text, from);

		buf_add(out, text, plain);
		text += plain;
		if (!*text)
			return;
		buf_printf(out, "\\%c", to[strchr(from, *text) - from]);
		text++;
	}
}

static void record_write(struct buf *out, const char *kind, const void *record,
			 const struct field *fields)
{
	buf_puts(out, kind);
	for (const struct field *field = fields; field->name; field++) {
		const void *at = (const char *)record + field->offset;
		uint64_t number = field->type == FIELD_TEXT ? 0 : *(const uint64_t *)at;

		if (field->type == FIELD_TEXT) {
			if (!*(char *const *)at)
				continue;
			buf_printf(out, "\t%s=", field->name);
			value_write(out, *(char *const *)at);
		} else if (field->type == FIELD_INDEX ? number != RESULTS_NO_TEST : number) {
			buf_printf(out, "\t%s=%llu", field->name, (unsigned long long)number);
		}
	}
	buf_puts(out, "\n");
}

void results_write_run(struct buf *out, const struct run_info *run)
{
	buf_puts(out, MAGIC);
	record_write(out, "run", run, run_fields);
}

void results_write_case(struct buf *out, const struct results *results)
{
	record_write(out, "case", results, case_fields);
	for (size_t i = 0; i < results->test_count; i++)
		record_write(out, "test", &results->tests[i], test_fields);
	for (size_t i = 0; i < results->item_count; i++)
		record_write(out, "result", &results->items[i], result_fields);
	for (size_t i = 0; i < results->check_count; i++)
		record_write(out, "check", &results->checks[i], check_fields);
	for (size_t i = 0; i < results->metric_count; i++)
		record_write(out, "metric", &results->metrics[i], metric_fields);
	buf_puts(out, "end\n");
}

/* Undoes value_write(), in place. */
static void value_read(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1]) {
			text++;
			*to++ = *text == 't' ? '\t' : *text == 'n' ? '\n' :
				*text == 'r' ? '\r' : *text;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static void field_read(void *record, const struct field *fields, const char *name, char *value)
{
	for (const struct field *field = fields; field->name; field++) {
		void *at = (char *)record + field->offset;

		if (strcmp(field->name, name))
			continue;
		if (field->type != FIELD_TEXT) {
			*(uint64_t *)at = strtoull(value, NULL, 10);
			return;
		}
		value_read(value);
		free(*(char **)at);
		*(char **)at = mem_copy(value);
		return;
	}
}

/* The fields of a line, its kind taken off already; an unknown one is passed over. */
static void record_read(void *record, const struct field *fields, char *rest)
{
	char *field;

	while ((field = strsep(&rest, "\t"))) {
		char *equals = strchr(field, '=');

		if (!equals)
			continue;
		*equals = '\0';
		field_read(record, fields, field, equals + 1);
	}
}

/* Later versions may know more kinds: what is not known is passed over. */
static void child_read(struct results *results, const char *kind, char *rest)
{
	if (!strcmp(kind, "test"))
		record_read(results_add_test(results), test_fields, rest);
	else if (!strcmp(kind, "result"))
		record_read(results_add_item(results), result_fields, rest);
	else if (!strcmp(kind, "check"))
		record_read(results_add_check(results), check_fields, rest);
	else if (!strcmp(kind, "metric"))
		record_read(results_add_metric(results), metric_fields, rest);
}

static void text_need(char **field)
{
	if (!*field)
		*field = mem_copy("");
}

/* A file may be damaged or written by hand: what readers rely on holds. */
static bool case_sound(struct results *results)
{
	text_need(&results->text);
	text_need(&results->image);
	text_need(&results->arch);
	for (size_t i = 0; i < results->test_count; i++) {
		text_need(&results->tests[i].name);
		text_need(&results->tests[i].sentence);
	}
	for (size_t i = 0; i < results->check_count; i++)
		text_need(&results->checks[i].expression);
	for (size_t i = 0; i < results->metric_count; i++) {
		struct metric_item *metric = &results->metrics[i];

		text_need(&metric->name);
		text_need(&metric->value);
		text_need(&metric->unit);
	}
	for (size_t i = 0; i < results->item_count; i++) {
		struct result_item *item = &results->items[i];

		text_need(&item->word);
		text_need(&item->path);
		if (item->check > results->check_count ||
		    item->checks > results->check_count - item->check)
			return false;
	}
	return results->name && results->verdict;
}

struct reading {
	struct run_info *run;
	void (*take)(void *context, struct results *results);
	void *context;
	struct results *results;	/* whose "end" has not come */
};

static void case_over(struct reading *reading)
{
	struct results *results = reading->results;

	reading->results = NULL;
	if (results && case_sound(results))
		reading->take(reading->context, results);
	else
		results_free(results);
}

static void line_read(struct reading *reading, char *line)
{
	char *rest = line, *kind = strsep(&rest, "\t");

	if (!strcmp(kind, "run")) {
		record_read(reading->run, run_fields, rest);
	} else if (!reading->take) {
		return;
	} else if (!strcmp(kind, "case")) {
		results_free(reading->results);
		reading->results = mem_new(sizeof(*reading->results));
		record_read(reading->results, case_fields, rest);
	} else if (!strcmp(kind, "end")) {
		case_over(reading);
	} else if (reading->results) {
		child_read(reading->results, kind, rest);
	}
}

static char *file_of(const char *path)
{
	struct buf file = { 0 };
	struct stat info;

	buf_puts(&file, path);
	if (!stat(path, &info) && S_ISDIR(info.st_mode))
		buf_puts(&file, "/results");
	return buf_take(&file);
}

bool results_read_stream(FILE *stream, struct run_info *run,
			 void (*take)(void *context, struct results *results), void *context)
{
	struct reading reading = { .run = run, .take = take, .context = context };
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	bool ours;

	*run = (struct run_info){ 0 };
	ours = getline(&line, &room, stream) > 0 && !strcmp(line, MAGIC);
	while (ours && (length = getline(&line, &room, stream)) > 0) {
		/* Without its newline it was cut off. */
		if (line[length - 1] != '\n')
			break;
		line[length - 1] = '\0';
		line_read(&reading, line);
	}
	results_free(reading.results);
	free(line);
	return ours;
}

bool results_read(const char *path, struct run_info *run,
		  void (*take)(void *context, struct results *results), void *context,
		  char *why, size_t size)
{
	char *file = file_of(path);
	FILE *stream = fopen(file, "re");
	bool ours = false;

	*run = (struct run_info){ 0 };
	if (!stream) {
		snprintf(why, size, "%s: %s", file, strerror(errno));
	} else {
		ours = results_read_stream(stream, run, take, context);
		fclose(stream);
		if (!ours)
			snprintf(why, size, "%s: not the results of a run (its first line is to "
				 "be '%.*s')", file, (int)strlen(MAGIC) - 1, MAGIC);
	}
	free(file);
	return ours;
}
