/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ledger's records to events, and to the lines that the image would have
 * printed elsewhere.  The guest wrote them: nothing in them is trusted.
 */
#include <stdlib.h>
#include <string.h>

#include "abi/ledger.h"
#include "runner/job.h"
#include "runner/session.h"
#include "vmm/vm.h"

static void show(struct job *job, const char *text)
{
	struct line line = { .text = text, .length = strlen(text), .origin = LINE_CONSOLE };

	job_line(job, &line);
}

static void text_line(void *context, char *text, size_t length)
{
	struct event event = { .kind = EVENT_DETAIL };
	struct job *job = context;
	struct line line = { .text = text, .length = length, .origin = LINE_CONSOLE };

	if (text[0] == '\t' && !line_after(text, "\tSTACK:"))
		tally_event(&job->tally, &event);
	job_line(job, &line);
}

/* Text that follows a record's fixed part: as much of it as there is. */
static char *record_text(const void *payload, size_t size, size_t fixed, uint32_t length)
{
	if (length > size - fixed)
		length = size - fixed;
	return mem_text((const char *)payload + fixed, length);
}

static void test_begin(struct job *job, const struct abi_record_begin *test)
{
	struct event event = { .kind = EVENT_TEST_BEGIN, .test = test->index };
	struct buf text = { 0 };

	if (test->index >= job->plan.count)
		return;
	job->recorded = now_ns();
	tally_event(&job->tally, &event);
	buf_printf(&text, "INFO: %s: %s", job->plan.tests[test->index].name,
		   job->plan.tests[test->index].text);
	show(job, buf_text(&text));
	buf_free(&text);
}

static void test_end(struct job *job, const struct abi_record_test *test, size_t size)
{
	struct event event = {
		.kind = EVENT_TEST_END, .test = test->index, .result = test->result,
		.checks = (uint64_t)test->held + test->failed,
	};
	char *what = record_text(test, size, sizeof(*test), ABI_RECORD_MAX);

	job->recorded = now_ns();
	if (test->index < job->plan.count && test->result < ABI_RESULT_COUNT) {
		job_result(job, test->result,
			   *what ? what : job->plan.tests[test->index].name, "");
		tally_event(&job->tally, &event);
	}
	free(what);
}

static void result(struct job *job, const struct abi_record_result *record, size_t size)
{
	char *what = record_text(record, size, sizeof(*record), record->length);

	if (record->result < ABI_RESULT_COUNT)
		job_result(job, record->result, what, "");
	free(what);
}

static void metric(struct job *job, const struct abi_record_metric *record, size_t size)
{
	char *name = record_text(record, size, sizeof(*record), record->length);
	size_t length = strlen(name);
	struct buf text = { 0 };

	buf_printf(&text, "METRIC: %s %llu %s", name, (unsigned long long)record->value,
		   length < record->length ? name + length + 1 : "");
	show(job, buf_text(&text));
	buf_free(&text);
	free(name);
}

static void text(struct job *job, unsigned int type, const struct abi_record_text *record,
		 size_t size)
{
	char *bytes = record_text(record, size, sizeof(*record), record->length);
	struct event event = { .kind = EVENT_SUBTEST, .text = bytes };

	if (type == ABI_RECORD_TEXT)
		lines_feed(&job->boot.text_lines, bytes,
			   record->length < size - sizeof(*record) ?
			   record->length : size - sizeof(*record), text_line, job);
	else
		tally_event(&job->tally, &event);
	free(bytes);
}

static void record_take(void *context, unsigned int type, const void *payload, size_t size)
{
	static const size_t least[ABI_RECORD_TYPES] = {
		[ABI_RECORD_TEST_BEGIN] = sizeof(struct abi_record_begin),
		[ABI_RECORD_SUBTEST] = sizeof(struct abi_record_text),
		[ABI_RECORD_RESULT] = sizeof(struct abi_record_result),
		[ABI_RECORD_TEXT] = sizeof(struct abi_record_text),
		[ABI_RECORD_METRIC] = sizeof(struct abi_record_metric),
		[ABI_RECORD_TEST_END] = sizeof(struct abi_record_test),
	};
	struct job *job = context;

	if (type >= ABI_RECORD_TYPES || !least[type] || size < least[type])
		return;
	if (type != ABI_RECORD_TEXT)
		lines_flush(&job->boot.text_lines, text_line, job);
	switch (type) {
	case ABI_RECORD_TEST_BEGIN:
		test_begin(job, payload);
		break;
	case ABI_RECORD_TEST_END:
		test_end(job, payload, size);
		break;
	case ABI_RECORD_RESULT:
		result(job, payload, size);
		break;
	case ABI_RECORD_METRIC:
		metric(job, payload, size);
		break;
	case ABI_RECORD_SUBTEST:
	case ABI_RECORD_TEXT:
		text(job, type, payload, size);
		break;
	}
}

void job_drain(struct job *job, bool dead)
{
	size_t lost;

	if (!job->boot.ledger)
		return;
	lost = vm_ledger_drain(job->boot.ledger, dead, record_take, job);
	if (dead)
		lines_flush(&job->boot.text_lines, text_line, job);
	if (lost)
		job_say(job, "flatbed: %zu bytes of the ledger were lost", lost);
}
