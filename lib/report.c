/* SPDX-License-Identifier: BSD-2-Clause */
/* Events to the ledger, or as lines to the console. */
#include <abi/host.h>
#include <abi/ledger.h>
#include <boot.h>
#include <device.h>
#include <report.h>
#include <smp.h>
#include <test.h>

static const char *const result_names[] = {
#define RESULT_NAME(name) [ABI_RESULT_##name] = #name,
	ABI_RESULTS(RESULT_NAME)
#undef RESULT_NAME
};

static struct abi_host *ledger;
static struct spinlock console_lock;
static bool muted;

void report_mute(bool mute)
{
	muted = mute;
}

void ledger_attach(struct abi_host *host)
{
	ledger = host;
}

void ledger_write(unsigned int type, const void *fixed, size_t fixed_size,
		  const char *text, size_t text_size)
{
	u32 size, start;
	struct abi_record *record;
	u32 *payload;

	if (text_size > ABI_RECORD_MAX - sizeof(*record) - fixed_size)
		text_size = ABI_RECORD_MAX - sizeof(*record) - fixed_size;
	size = ALIGN_UP(sizeof(*record) + fixed_size + text_size, 8);
	start = atomic_add(&ledger->head, size);
	while (start + size - __atomic_load_n(&ledger->tail, __ATOMIC_ACQUIRE) >
	       ledger->ring_size)
		host_write(ABI_PORT_DOORBELL, 0);

	record = (void *)((char *)ledger + ledger->ring +
			  (start & (ledger->ring_size - 1)));
	payload = (u32 *)(record + 1);
	/* The reader left zeros: only the last word's padding is not written. */
	memcpy(payload, fixed, fixed_size);
	memcpy((char *)payload + fixed_size, text, text_size);
	record->sum = abi_record_sum(size << 8 | type, payload);
	__atomic_store_n(&record->head, size << 8 | type, __ATOMIC_RELEASE);
}

static void line(const char *word, const char *text)
{
	spin_lock(&console_lock);
	console_write(word, strlen(word));
	console_write(": ", 2);
	console_write(text, strlen(text));
	console_write("\n", 1);
	spin_unlock(&console_lock);
}

void report_test_begin(const struct test *test, unsigned int index)
{
	struct abi_record_test begin = { .index = index };
	char text[256];

	if (ledger)
		return ledger_write(ABI_RECORD_TEST_BEGIN, &begin,
				    sizeof(begin), "", 0);
	snprintf(text, sizeof(text), "%s: %s", test->name, test->text);
	line("INFO", text);
}

void report_subtest(const char *path)
{
	struct abi_record_text fixed = { .length = strlen(path) };

	if (ledger && !muted)
		ledger_write(ABI_RECORD_SUBTEST, &fixed, sizeof(fixed), path,
			     fixed.length);
}

void report_check(const struct check *check, bool held)
{
	struct abi_record_check fixed = {
		.file = (uintptr_t)check->file,
		.expression = (uintptr_t)check->expression,
		.line = check->line,
		.held = held,
	};

	if (muted)
		return;
	if (ledger)
		ledger_write(ABI_RECORD_CHECK, &fixed, sizeof(fixed), "", 0);
	if (boot_info.host && boot_info.host->yield)
		host_write(ABI_PORT_YIELD, 0);
}

void report_result(enum abi_result result, const char *what)
{
	struct abi_record_result fixed = { result, strlen(what) };

	if (muted)
		return;
	if (ledger)
		ledger_write(ABI_RECORD_RESULT, &fixed, sizeof(fixed), what,
			     fixed.length);
	else
		line(result_names[result], what);
}

void report_test_end(unsigned int index, enum abi_result result, u32 held,
		     u32 failed)
{
	struct abi_record_test end = { index, result, held, failed };

	if (ledger)
		ledger_write(ABI_RECORD_TEST_END, &end, sizeof(end), "", 0);
}

void report_text(const char *text, size_t length)
{
	struct abi_record_text fixed = { .length = length };

	if (muted)
		return;
	if (ledger)
		return ledger_write(ABI_RECORD_TEXT, &fixed, sizeof(fixed),
				    text, length);
	spin_lock(&console_lock);
	console_write(text, length);
	spin_unlock(&console_lock);
}

void report_metric(const char *name, u64 value, const char *unit)
{
	struct abi_record_metric fixed = { .value = value };
	char text[128];

	if (muted)
		return;
	if (ledger) {
		fixed.length = snprintf(text, sizeof(text), "%s%c%s", name, 0,
					unit);
		return ledger_write(ABI_RECORD_METRIC, &fixed, sizeof(fixed),
				    text, fixed.length);
	}
	snprintf(text, sizeof(text), "%s %llu %s", name,
		 (unsigned long long)value, unit);
	line("METRIC", text);
}

void report_summary(const char *text)
{
	struct abi_record_text fixed = { .length = strlen(text) };

	if (ledger)
		ledger_write(ABI_RECORD_SUMMARY, &fixed, sizeof(fixed), text,
			     fixed.length);
	else
		line("SUMMARY", text);
}

void report_verdict(enum abi_exit code)
{
	struct abi_record_verdict fixed = { .code = code };

	if (ledger)
		ledger_write(ABI_RECORD_VERDICT, &fixed, sizeof(fixed), "", 0);
	machine_exit(code);
}
