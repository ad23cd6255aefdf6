/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an image reports, as events.  Two sinks: the ledger where the reference
 * VMM offers one, lines of text on the console elsewhere.
 */
#ifndef REPORT_H
#define REPORT_H

#include <abi/ledger.h>
#include <abi/verdict.h>
#include <base.h>

struct test;

void report_test_begin(const struct test *test, unsigned int index);
void report_subtest(const char *path);
/* A check has an outcome, and its exit is wanted: abi_host.yield. */
void report_check(void);
/* Of a SUBTEST; @what: of what, a reason in parentheses included */
void report_result(enum abi_result result, const char *what);
/* @what: the same; NULL: @test's name, and no more */
void report_test_end(u32 index, enum abi_result result, u32 held, u32 failed,
		     const char *what, const struct test *test);
void report_text(const char *text, size_t length);
void report_metric(const char *name, u64 value, const char *unit);

/**
 * report_summary() - what all of it comes to, where nobody else counts
 * @text: makes it, into @size bytes
 */
void report_summary(void (*text)(char *to, size_t size));

/**
 * report_mute() - from now on, SUBTESTs, checks, results, texts and metrics are for
 *	nobody; or again for all
 */
void report_mute(bool mute);

/**
 * ledger_attach() - from now on events are records in @host's ring
 */
struct abi_host;
void ledger_attach(struct abi_host *host);

#endif
