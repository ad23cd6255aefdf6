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

static bool has_room(const struct abi_host *host, u32 end)
{
	return end - __atomic_load_n(&host->tail, __ATOMIC_ACQUIRE) <=
		host->ring_size;
}

static __attribute__((noinline, cold)) void wait_for_room(const struct abi_host *host,
							   u32 end)
{
	while (!has_room(host, end))
		host_write(ABI_PORT_DOORBELL, 0);
}

/*
 * A record is written where it lies, and inline: where each instruction is emulated
 * a call takes as long as ten others, and a TEST writes four records.
 */
static inline __attribute__((always_inline)) struct abi_record *
record_begin(u32 size)
{
	struct abi_host *host = ledger;
	u32 start = atomic_add(&host->head, size);

	if (!has_room(host, start + size))
		wait_for_room(host, start + size);
	return (void *)((char *)host + host->ring +
			(start & (host->ring_size - 1)));
}

static inline __attribute__((always_inline)) void
record_end(struct abi_record *record, u32 size, u32 type)
{
	record->sum = abi_record_sum(size << 8 | type, (u32 *)(record + 1));
	__atomic_store_n(&record->head, size << 8 | type, __ATOMIC_RELEASE);
}

/* One of a structure alone, RECORD(TYPE, struct type, members…). */
#define RECORD(name, type, ...)	do {					\
	_Static_assert(sizeof(type) % 8 == 0, "without padding");	\
	u32 size_ = sizeof(struct abi_record) + sizeof(type);		\
	struct abi_record *record_ = record_begin(size_);		\
									\
	*(type *)(record_ + 1) = (type){ __VA_ARGS__ };			\
	record_end(record_, size_, ABI_RECORD_##name);			\
} while (0)

/* One of @fixed and a text, padded; the reader has left zeros there. */
static inline __attribute__((always_inline)) void
record_text(u32 type, const void *fixed, size_t fixed_size, const char *text,
	    size_t length)
{
	const size_t most = ABI_RECORD_MAX - sizeof(struct abi_record) - fixed_size;
	struct abi_record *record;
	u32 size;

	if (length > most)
		length = most;
	size = ALIGN_UP(sizeof(*record) + fixed_size + length, 8);
	record = record_begin(size);
	__builtin_memcpy(record + 1, fixed, fixed_size);
	memcpy((char *)(record + 1) + fixed_size, text, length);
	record_end(record, size, type);
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
	char text[256];

	if (ledger) {
		RECORD(TEST_BEGIN, struct abi_record_begin, .index = index);
	} else {
		snprintf(text, sizeof(text), "%s: %s", test->name, test->text);
		line("INFO", text);
	}
}

void report_subtest(const char *path)
{
	struct abi_record_text fixed = { .length = strlen(path) };

	if (ledger && !muted)
		record_text(ABI_RECORD_SUBTEST, &fixed, sizeof(fixed), path,
			     fixed.length);
}

void report_check(void)
{
	if (!muted)
		host_write(ABI_PORT_YIELD, 0);
}

static void result_text(enum abi_result result, const char *what)
{
	struct abi_record_result fixed = { result, strlen(what) };

	record_text(ABI_RECORD_RESULT, &fixed, sizeof(fixed), what, fixed.length);
}

void report_result(enum abi_result result, const struct test *test, const char *what)
{
	if (muted)
		return;
	if (!ledger)
		return line(result_names[result], what ? what : test->name);
	/* Most are a whole TEST's, which the reader knows by name. */
	if (!what)
		RECORD(RESULT, struct abi_record_result, .result = result);
	else
		result_text(result, what);
}

void report_test_end(unsigned int index, enum abi_result result, u32 held,
		     u32 failed)
{
	if (ledger)
		RECORD(TEST_END, struct abi_record_test, index, result, held, failed);
}

void report_text(const char *text, size_t length)
{
	struct abi_record_text fixed = { .length = length };

	if (muted)
		return;
	if (ledger)
		return record_text(ABI_RECORD_TEXT, &fixed, sizeof(fixed),
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
		return record_text(ABI_RECORD_METRIC, &fixed, sizeof(fixed),
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
		record_text(ABI_RECORD_SUMMARY, &fixed, sizeof(fixed), text,
			     fixed.length);
	else
		line("SUMMARY", text);
}

void report_verdict(enum abi_exit code)
{
	if (ledger)
		RECORD(VERDICT, struct abi_record_verdict, .code = code);
	machine_exit(code);
}
