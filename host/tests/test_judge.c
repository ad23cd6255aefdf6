/* SPDX-License-Identifier: BSD-2-Clause */
/* From console lines and the machines' ends to a verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runner/job.h"
#include "runner/known.h"
#include "runner/report.h"
#include "runner/session.h"

static struct plan_test tests[] = {
	{ .name = "one" }, { .name = "two" }, { .name = "three" },
	{ .name = "dies", .ends = ABI_ENDS_SHUTDOWN },
};
static struct session session;
static struct buf shown;	/* the lines that reports saw */

static void show(struct report *report, struct job *job, const struct line *line)
{
	(void)report;
	(void)job;
	buf_add(&shown, line->text, line->length);
	buf_puts(&shown, "\n");
}

static void no_doubt(const char *message)
{
	fail_msg("%s", message);
}

/* A job on a machine without a ledger, its image's plan the first @count TESTs. */
static struct job *job_new(size_t count, const char *known)
{
	static struct report report = { .line = show };
	struct job *job = mem_new(sizeof(*job));

	session = (struct session){ .reports = &report, .arch = "x86_64" };
	known_parse(&session.known, "k.cfg", NULL, known, strlen(known), no_doubt);
	buf_free(&shown);
	job->session = &session;
	job->image = mem_copy("x86/image.flat");
	job->timeout = mem_copy("5");
	job->plan = (struct plan){ .ours = count, .count = count, .tests = mem_new(sizeof(tests)) };
	memcpy(job->plan.tests, tests, sizeof(tests));
	tally_start(&job->tally, &job->plan, &session.known, "x86/image.flat",
		    &(struct known_host){ .kind = "tcg", .arch = "x86_64" });
	job->tried = mem_new(count);
	job->set_up = true;
	return job;
}

static void job_over(struct job *job)
{
	job_free(job);
	known_free(&session.known);
	buf_free(&shown);
}

/* One machine: what it prints, and how it ends. */
static void boot(struct job *job, const char *console, enum ending_kind kind,
		 unsigned int code, const char *text)
{
	struct ending ending = { .kind = kind, .code = code };

	assert_true(job_next(job));
	job->boots++;
	strcpy(ending.text, text);
	job_console(job, console, strlen(console));
	job_flush(job);
	job_boot_over(job, &ending);
}

static void assert_verdict(struct job *job, enum verdict verdict, const char *text)
{
	assert_false(job_next(job));
	job_judge(job);
	if (job->verdict != verdict || strcmp(buf_text(&job->text), text))
		fail_msg("wanted %d '%s', judged %d '%s'", verdict, text, job->verdict,
			 buf_text(&job->text));
}

#define BOTH	"INFO: one: x\r\nPASS: one\r\nINFO: two: x\r\nPASS: two\r\n"

/* What one machine of an image with two TESTs makes of a case. */
static const struct {
	const char *console;
	enum ending_kind kind;
	unsigned int code;
	const char *why;
	enum verdict verdict;
	const char *text;
	int status;
} ours[] = {
	{ BOTH, ENDING_VERDICT, 0, "", VERDICT_PASS, "2 tests", 0 },
	{ "INFO: one: x\nPASS: one: sub\nFAIL: one: sub 2\nFAIL: one\n"
	  "INFO: two: x\nSKIP: two (no UMIP)\n", ENDING_VERDICT, 1, "",
	  VERDICT_FAIL, "4 tests, 2 unexpected failures, 1 skipped", 3 },
	{ "INFO: one: x\nSKIP: one (r)\nINFO: two: x\nSKIP: two (r)\n", ENDING_VERDICT, 38, "",
	  VERDICT_SKIP, "2 tests, 2 skipped", 77 },
	{ "INFO: one: x\nXFAIL: one\nINFO: two: x\nPASS: two\n", ENDING_VERDICT, 0, "",
	  VERDICT_XFAIL, "2 tests, 1 expected failures", 0 },
	{ "INFO: one: x\nXPASS: one\nINFO: two: x\nPASS: two\n", ENDING_VERDICT, 1, "",
	  VERDICT_FAIL, "2 tests, 1 unexpected failures", 3 },
	/* Lines and code disagree. */
	{ "INFO: one: x\nFAIL: one\nINFO: two: x\nPASS: two\n", ENDING_VERDICT, 0, "",
	  VERDICT_FAIL, "the image left with success, but a result line says otherwise; "
	  "2 tests, 1 unexpected failures", 3 },
	{ BOTH, ENDING_VERDICT, 1, "", VERDICT_FAIL,
	  "the image left with failure, but no result line says so; 2 tests", 3 },
	{ BOTH, ENDING_VERDICT, 38, "", VERDICT_FAIL,
	  "the image says that it skipped everything, and result lines differ; 2 tests", 3 },
	/* Not all ran. */
	{ "INFO: one: x\nPASS: one\n", ENDING_VERDICT, 0, "", VERDICT_ERROR,
	  "error: two never ran, though the image said that it was done; 1 tests", 1 },
	{ "", ENDING_VERDICT, 0, "", VERDICT_ERROR,
	  "error: one never ran, though the image said that it was done", 1 },
	/* A result of a SUBTEST that is named like a TEST is not its end. */
	{ "INFO: one: x\nPASS: one: two\n", ENDING_SIGNAL, 9, "", VERDICT_NONE, "", 0 },
	/* Ends at start-up. */
	{ "", ENDING_SIGNAL, 6, "", VERDICT_ERROR,
	  "error: the VMM was terminated on SIGABRT before any TEST began", 134 },
	{ "", ENDING_ERROR, 1, "no such CPU", VERDICT_ERROR,
	  "error: no such CPU", 1 },
	{ "", ENDING_UNSUPPORTED, 1, "this KVM lacks it", VERDICT_SKIP, "this KVM lacks it", 77 },
	{ "", ENDING_SHUTDOWN, 0, "", VERDICT_FAIL,
	  "the machine shut down (triple fault) before any TEST began", 3 },
	{ "", ENDING_VERDICT, 63, "", VERDICT_ERROR,
	  "error: the image aborted before any TEST began", 127 },
	/* Stopped from outside. */
	{ "INFO: one: x\nPASS: one\nINFO: two: x\n", ENDING_TIMEOUT, 0, "", VERDICT_TIMEOUT,
	  "timeout; duration=5", 124 },
	{ "INFO: one: x\nFAIL: one\nINFO: two: x\n", ENDING_TIMEOUT, 0, "", VERDICT_TIMEOUT,
	  "timeout; duration=5", 124 },
	{ "INFO: one: x\n", ENDING_INTERRUPTED, 0, "", VERDICT_INTERRUPTED, "interrupted", 1 },
};

static void one_machine(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		struct job *job = job_new(2, "");

		boot(job, ours[i].console, ours[i].kind, ours[i].code, ours[i].why);
		if (ours[i].verdict) {
			assert_verdict(job, ours[i].verdict, ours[i].text);
			if (job_status(job) != ours[i].status)
				fail_msg("%s: status %d", ours[i].text, job_status(job));
			assert_int_equal(job_red(job), ours[i].status && ours[i].status != 77);
		} else {
			/* The TEST ended the machine: the next one has its turn. */
			assert_true(job_next(job));
			assert_int_equal(job->boot.first, 1);
		}
		job_over(job);
	}
}

/* Images that do not say which TESTs they have. */
static const struct {
	const char *console;
	enum ending_kind kind;
	unsigned int code;
	const char *why;
	enum verdict verdict;
	const char *text;
	int status;
} foreign[] = {
	{ "PASS: a\nSUMMARY: 1 tests\n", ENDING_VERDICT, 0, "", VERDICT_PASS, "1 tests", 0 },
	{ "PASS: a\r\nSUMMARY: 1 tests\r\n", ENDING_VERDICT, 0, "", VERDICT_PASS, "1 tests", 0 },
	{ "PASS: a\n", ENDING_VERDICT, 0, "", VERDICT_PASS, "", 0 },
	{ "SUMMARY: 1 tests\n1\n2\n3\n4\n", ENDING_VERDICT, 0, "", VERDICT_PASS, "1 tests", 0 },
	{ "SUMMARY: 1 tests\n1\n2\n3\n4\n5\n", ENDING_VERDICT, 0, "", VERDICT_PASS, "", 0 },
	{ "FAIL: a\nSUMMARY: 1 tests, 1 unexpected failures\n", ENDING_VERDICT, 1, "",
	  VERDICT_FAIL, "1 tests, 1 unexpected failures", 3 },
	{ "FAIL: a\nSUMMARY: 1 tests\n", ENDING_VERDICT, 0, "", VERDICT_FAIL,
	  "the image left with success, but a result line says otherwise", 3 },
	{ "SKIP: a\nSUMMARY: 1 tests, 1 skipped\n", ENDING_VERDICT, 38, "", VERDICT_SKIP,
	  "1 tests, 1 skipped", 77 },
	{ "ABORT: x\n", ENDING_VERDICT, 63, "", VERDICT_ERROR, "", 127 },
	{ "PASS: a\nSUMMARY: 1 tests\n", ENDING_SIGNAL, 11, "", VERDICT_ERROR,
	  "terminated on SIGSEGV", 139 },
	{ "", ENDING_ERROR, 1, "qemu: no", VERDICT_ERROR, "error: qemu: no", 1 },
	{ "", ENDING_UNSUPPORTED, 1, "qemu: no such feature", VERDICT_SKIP,
	  "qemu: no such feature", 77 },
	{ "PASS: a\n", ENDING_TIMEOUT, 0, "", VERDICT_TIMEOUT, "timeout; duration=5", 124 },
};

static void foreign_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		struct job *job = job_new(0, "");

		boot(job, foreign[i].console, foreign[i].kind, foreign[i].code, foreign[i].why);
		assert_verdict(job, foreign[i].verdict, foreign[i].text);
		if (job_status(job) != foreign[i].status)
			fail_msg("%zu: status %d", i, job_status(job));
		job_over(job);
	}
}

/* A TEST that ends the machine loses only itself. */
static void carrying_on(void **state)
{
	struct job *job = job_new(3, "");

	(void)state;
	boot(job, "INFO: one: x\nPASS: one\nINFO: two: x\n", ENDING_SHUTDOWN, 0, "");
	assert_non_null(strstr(buf_text(&shown), "triple fault"));
	assert_non_null(strstr(buf_text(&shown), "FAIL: two\n"));
	boot(job, "INFO: three: x\nPASS: three\n", ENDING_VERDICT, 0, "");
	assert_int_equal(job->boot.first, 2);
	assert_verdict(job, VERDICT_FAIL, "3 tests, 1 unexpected failures");
	assert_non_null(strstr(buf_text(&shown), "SUMMARY: 3 tests, 1 unexpected failures\n"));
	job_over(job);

	/* What a VMM's crash hides is not the hypervisor's failure. */
	job = job_new(2, "");
	boot(job, "INFO: one: x\nPASS: one\nINFO: two: x\n", ENDING_SIGNAL, 11, "");
	assert_verdict(job, VERDICT_ERROR, "error: two: the VMM was terminated on SIGSEGV; "
		       "2 tests, 1 unexpected failures");
	job_over(job);
}

static void never_ran(void **state)
{
	struct job *job = job_new(3, "");

	(void)state;
	boot(job, "INFO: one: x\n", ENDING_TIMEOUT, 0, "");
	assert_verdict(job, VERDICT_TIMEOUT, "timeout; duration=5");
	assert_non_null(strstr(buf_text(&shown), "flatbed: timeout after 5 in TEST one\n"));
	assert_non_null(strstr(buf_text(&shown), "flatbed: never ran: two, three\n"));
	job_over(job);
}

#define THREE	BOTH "INFO: three: x\nPASS: three\n"

static void declared_end(void **state)
{
	struct job *job = job_new(4, "");

	(void)state;
	boot(job, THREE, ENDING_VERDICT, 0, "");
	boot(job, "INFO: dies: x\n", ENDING_SHUTDOWN, 0, "");
	assert_int_equal(job->boot.only, 3);
	assert_verdict(job, VERDICT_PASS, "4 tests");
	job_over(job);

	/* It lived on. */
	job = job_new(4, "");
	boot(job, THREE, ENDING_VERDICT, 0, "");
	boot(job, "INFO: dies: x\nFAIL: dies\n", ENDING_VERDICT, 1, "");
	assert_verdict(job, VERDICT_FAIL, "4 tests, 1 unexpected failures");
	job_over(job);

	/* A shutdown that came too early is no success. */
	job = job_new(4, "");
	boot(job, THREE, ENDING_VERDICT, 0, "");
	boot(job, "", ENDING_SHUTDOWN, 0, "");
	assert_verdict(job, VERDICT_FAIL,
		       "the machine shut down (triple fault) before any TEST began; 3 tests");
	job_over(job);
}

static void recorded(void **state)
{
	const char *sub = "[image: one: s*]\nreason = r\n", *whole = "[image: two]\nreason = q\n";
	struct job *job = job_new(2, sub);

	(void)state;
	/* The TEST fails by what is recorded, and by nothing else. */
	boot(job, "INFO: one: x\nPASS: one: a\n\tdetail\nFAIL: one: sub\nFAIL: one\n"
	     "INFO: two: x\nPASS: two\n", ENDING_VERDICT, 1, "");
	assert_verdict(job, VERDICT_XFAIL, "4 tests, 2 expected failures");
	assert_non_null(strstr(buf_text(&shown), "XFAIL: one: sub (known failure: r)\n"));
	assert_false(job_red(job));
	job_over(job);

	job = job_new(2, sub);
	boot(job, "INFO: one: x\nFAIL: one: sub\nFAIL: one: other\nFAIL: one\n"
	     "INFO: two: x\nPASS: two\n", ENDING_VERDICT, 1, "");
	assert_verdict(job, VERDICT_FAIL,
		       "4 tests, 2 unexpected failures, 1 expected failures");
	job_over(job);

	/* A failing check outside of the recorded SUBTEST. */
	job = job_new(2, sub);
	boot(job, "INFO: one: x\nFAIL: one: sub\n\tdetail\nFAIL: one\nINFO: two: x\nPASS: two\n",
	     ENDING_VERDICT, 1, "");
	assert_verdict(job, VERDICT_FAIL,
		       "3 tests, 1 unexpected failures, 1 expected failures");
	job_over(job);

	/* Gone: the record is out of date. */
	job = job_new(2, sub);
	boot(job, "INFO: one: x\nPASS: one: sub\nPASS: one\nINFO: two: x\nPASS: two\n",
	     ENDING_VERDICT, 0, "");
	assert_verdict(job, VERDICT_XPASS, "one: s* unexpectedly passes");
	assert_int_equal(job_status(job), 3);
	job_over(job);

	/* Gone this time, as it may be. */
	job = job_new(2, "[image: one: s*]\nsometimes = x\nreason = r\n");
	boot(job, "INFO: one: x\nPASS: one: sub\nPASS: one\nINFO: two: x\nPASS: two\n",
	     ENDING_VERDICT, 0, "");
	assert_verdict(job, VERDICT_PASS, "3 tests");
	job_over(job);

	/* So it may if another entry that covers as much says so. */
	job = job_new(2, "[image: one: s*]\nreason = r\n"
		      "[image: one]\nsometimes = x\nreason = q\n");
	boot(job, "INFO: one: x\nPASS: one: sub\nPASS: one\nINFO: two: x\nPASS: two\n",
	     ENDING_VERDICT, 0, "");
	assert_verdict(job, VERDICT_PASS, "3 tests");
	job_over(job);
	job = job_new(2, "[image: one]\nreason = r\n"
		      "[image: one: s*]\nsometimes = x\nreason = q\n");
	boot(job, "INFO: one: x\nPASS: one: sub\nPASS: one\nINFO: two: x\nPASS: two\n",
	     ENDING_VERDICT, 0, "");
	assert_verdict(job, VERDICT_XPASS, "one unexpectedly passes");
	job_over(job);

	/* Neither failed nor passed: nothing is said. */
	job = job_new(2, sub);
	boot(job, "INFO: one: x\nSKIP: one (r)\nINFO: two: x\nPASS: two\n", ENDING_VERDICT, 0, "");
	assert_verdict(job, VERDICT_PASS, "2 tests, 1 skipped");
	job_over(job);

	/* An end that is recorded. */
	job = job_new(2, whole);
	boot(job, "INFO: one: x\nPASS: one\nINFO: two: x\n", ENDING_INTERNAL_ERROR, 0, "KVM: no");
	assert_verdict(job, VERDICT_XFAIL, "2 tests, 1 expected failures");
	job_over(job);

	job = job_new(2, "[image: one]\nreason = q\n");
	boot(job, "INFO: one: x\n", ENDING_TIMEOUT, 0, "");
	boot(job, "INFO: two: x\nPASS: two\n", ENDING_VERDICT, 0, "");
	assert_verdict(job, VERDICT_XFAIL, "2 tests, 1 expected failures");
	job_over(job);

	/* About another kind of host. */
	job = job_new(2, "[image: one]\non = kvm_intel\nreason = q\n");
	boot(job, "INFO: one: x\nFAIL: one\nINFO: two: x\nPASS: two\n", ENDING_VERDICT, 1, "");
	assert_verdict(job, VERDICT_FAIL, "2 tests, 1 unexpected failures");
	job_over(job);
}

/* The ledger counts checks; a TEST without any proves nothing. */
static void no_check(void **state)
{
	struct job *job = job_new(1, "");
	struct event end = { .kind = EVENT_TEST_END, .result = ABI_RESULT_PASS };
	struct event begin = { .kind = EVENT_TEST_BEGIN };
	struct ending ending = { .kind = ENDING_VERDICT };

	(void)state;
	assert_true(job_next(job));
	job->boots = 1;
	job->boot.ledger = &end;
	tally_event(&job->tally, &begin);
	job_result(job, ABI_RESULT_PASS, "one", "");
	tally_event(&job->tally, &end);
	job_boot_over(job, &ending);
	assert_verdict(job, VERDICT_ERROR, "error: one: no check was executed; 1 tests");
	job->boot.ledger = NULL;
	job_over(job);
}

static void garbage(void **state)
{
	static const char *const parts[] = {
		"PASS: ", "FAIL: ", "SKIP: ", "XFAIL: ", "INFO: ", "SUMMARY: ", "one", "two",
		": ", "\n", "\n", "\r\n", "\t", "\tSTACK: 12 34", " (error: x)", "\xff", "three",
	};

	(void)state;
	srandom(1);
	for (int i = 0; i < 500; i++) {
		struct job *job = job_new(i % 4, "[image: one: *]\nreason = x\n");

		for (int boots = 0; boots < 10 && job_next(job); boots++) {
			struct ending ending = {
				.kind = random() % (ENDING_INTERRUPTED + 1), .code = random() % 64,
			};

			job->boots++;
			for (int n = random() % 40; n--;) {
				const char *part = parts[random() % 17];

				job_console(job, part, strlen(part));
			}
			job_flush(job);
			job_boot_over(job, &ending);
		}
		job_judge(job);
		assert_int_not_equal(job->verdict, VERDICT_NONE);
		job_over(job);
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(one_machine),
		cmocka_unit_test(foreign_images),
		cmocka_unit_test(carrying_on),
		cmocka_unit_test(never_ran),
		cmocka_unit_test(declared_end),
		cmocka_unit_test(recorded),
		cmocka_unit_test(no_check),
		cmocka_unit_test(garbage),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
