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

#define LINE_MOST	600	/* bytes; results have 480 at most, reasons included */

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

/* Bytes of a record of so many words. */
#define RECORD_SIZE(words)	(sizeof(struct abi_record) + (words) * sizeof(u32))

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
 * a call takes as long as ten others.
 */
static inline __attribute__((always_inline)) struct abi_record *
record_at(struct abi_host *host, u32 start)
{
	return (void *)((char *)host + host->ring + (start & (host->ring_size - 1)));
}

static inline __attribute__((always_inline)) struct abi_record *
record_begin(u32 size)
{
	struct abi_host *host = ledger;
	u32 start = atomic_add(&host->head, size);

	if (!has_room(host, start + size))
		wait_for_room(host, start + size);
	return record_at(host, start);
}

static inline __attribute__((always_inline)) void
record_end(struct abi_record *record, u32 size, u32 type)
{
	record->sum = abi_record_sum(size << 8 | type, (u32 *)(record + 1));
	__atomic_store_n(&record->head, size << 8 | type, __ATOMIC_RELEASE);
}

/*
 * A record without text has two or four words.  They are arguments, and the wait has a
 * way of its own to its end: no register is saved for what hardly ever happens.
 */
static inline __attribute__((always_inline)) void
words_store(struct abi_host *host, u32 start, u32 head, u32 a, u32 b, u32 c, u32 d)
{
	struct abi_record *record = record_at(host, start);
	u32 *to = (u32 *)(record + 1);

	to[0] = a;
	to[1] = b;
	if (head >> 8 == RECORD_SIZE(4)) {
		to[2] = c;
		to[3] = d;
	}
	record_end(record, head >> 8, head & 0xff);
}

static __attribute__((noinline, cold)) void
words_wait(u32 start, u32 head, u32 a, u32 b, u32 c, u32 d)
{
	wait_for_room(ledger, start + (head >> 8));
	words_store(ledger, start, head, a, b, c, d);
}

static inline __attribute__((always_inline)) void
record_words(u32 type, u32 count, u32 a, u32 b, u32 c, u32 d)
{
	struct abi_host *host = ledger;
	u32 size = RECORD_SIZE(count), start = atomic_add(&host->head, size);

	if (has_room(host, start + size))
		words_store(host, start, size << 8 | type, a, b, c, d);
	else
		words_wait(start, size << 8 | type, a, b, c, d);
}

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

/* What is too long ends early. */
static size_t append(char *bytes, size_t at, const char *text)
{
	size_t length = strlen(text);

	if (length > LINE_MOST - at)
		length = LINE_MOST - at;
	memcpy(bytes + at, text, length);
	return at + length;
}

/* "WORD: what", or "WORD: what: more"; in one call, as each may be emulated. */
static __attribute__((noinline)) void
line(const char *word, const char *what, const char *more)
{
	char bytes[LINE_MOST + 1];
	size_t at = append(bytes, append(bytes, append(bytes, 0, word), ": "), what);

	if (more)
		at = append(bytes, append(bytes, at, ": "), more);
	bytes[at++] = '\n';
	spin_lock(&console_lock);
	console_write(bytes, at);
	spin_unlock(&console_lock);
}

void report_test_begin(const struct test *test, unsigned int index)
{
	if (ledger)
		record_words(ABI_RECORD_TEST_BEGIN, 2, index, 0, 0, 0);
	else
		line("INFO", test->name, test->text);
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

void report_result(enum abi_result result, const char *what)
{
	struct abi_record_result fixed = { result, strlen(what) };

	if (muted)
		return;
	if (ledger)
		return record_text(ABI_RECORD_RESULT, &fixed, sizeof(fixed), what,
				   fixed.length);
	line(result_names[result], what, NULL);
}

static __attribute__((noinline)) void
test_end_text(u32 index, enum abi_result result, u32 held, u32 failed, const char *what)
{
	struct abi_record_test fixed = { index, result, held, failed };

	record_text(ABI_RECORD_TEST_END, &fixed, sizeof(fixed), what, strlen(what));
}

void report_test_end(u32 index, enum abi_result result, u32 held, u32 failed,
		     const char *what, const struct test *test)
{
	if (!ledger)
		line(result_names[result], what ?: test->name, NULL);
	else if (what)
		test_end_text(index, result, held, failed, what);
	else
		record_words(ABI_RECORD_TEST_END, 4, index, result, held, failed);
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
	line("METRIC", text, NULL);
}

void report_summary(void (*text)(char *to, size_t size))
{
	char bytes[120];

	if (ledger)
		return;		/* whoever reads it has the results themselves */
	text(bytes, sizeof(bytes));
	line("SUMMARY", bytes, NULL);
}
