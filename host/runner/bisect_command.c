/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flatbed bisect-run: a case's or a TEST's outcome as the exit status that
 * `git bisect run` wants.  Each round is a suite of its own, in a process of its
 * own, with logs of its own: what it finds is read from its results.
 */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/options.h"
#include "runner/results_file.h"
#include "runner/session.h"

#define ROUNDS	3	/* to tell fixed from flaky */

/* What `git bisect run` makes of an exit status. */
enum bisect { BISECT_GOOD = 0, BISECT_BAD = 1, BISECT_CANNOT_TELL = 125 };

struct bisect_wishes {
	unsigned long rounds;
	bool error_is_bad;
	const char *backend, *arch;
	char **subjects;	/* "CASE" or "CASE:TEST" or "CASE:TEST: SUBTEST" */
	int count;
};

static int rounds_take(void *context, const char *text)
{
	struct bisect_wishes *wishes = context;
	char *end;

	wishes->rounds = strtoul(text, &end, 10);
	if (end != text && !*end && wishes->rounds && *text != '-')
		return OPTIONS_GO_ON;
	complain("--repeat=%s: it is a number from 1", text);
	return BISECT_CANNOT_TELL;
}

#define AT(field)	.offset = offsetof(struct bisect_wishes, field)

static const struct option_row rows[] = {
	{ "repeat", 0, "N", "good is what passes N times (3); bad what fails once",
	  .kind = OPTION_CALL, .take = rounds_take },
	{ "error-is-bad", 0, NULL, "a VMM that crashes or does not start is bad, not untestable",
	  .kind = OPTION_FLAG, AT(error_is_bad) },
	{ "backend", 0, "VMM", "as of run_tests.sh", .kind = OPTION_TEXT, AT(backend),
	  .values = "<backend>" },
	{ "arch", 0, "ARCH", "as of run_tests.sh", .kind = OPTION_TEXT, AT(arch),
	  .values = "<arch>" },
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };
static const struct option_group *const groups[] = { &group, NULL };

static const struct text_row statuses[] = {
	{ "0", "good: passes, in every round" },
	{ "1", "bad: fails, or hangs" },
	{ "125", "cannot be told: skipped, an error, not there, a mistake in the call" },
	{ "130", "interrupted: the bisection stops" },
	{ NULL, NULL }
};

/* Names without the blanks behind their colons, which people type or do not. */
static void squeeze(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != ' ' || to == text || to[-1] != ':')
			*to++ = *from;
	*to = '\0';
}

/* "CASE:TEST" in two; the second is NULL if there is none. */
static char *subject_split(const char *subject, char **test)
{
	char *name = mem_copy(subject), *colon = strchr(name, ':');

	*test = NULL;
	if (colon) {
		*colon = '\0';
		*test = colon + 1 + strspn(colon + 1, " ");
		squeeze(*test);
	}
	return name;
}

static int entry_remove(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

static void suite_exec(const struct bisect_wishes *wishes, const char *directory)
{
	struct buf backend = { 0 }, arch = { 0 };
	char **argv = mem_new((8 + wishes->count) * sizeof(*argv)), *test;
	int argc = 0;

	argv[argc++] = mem_copy("flatbed");
	argv[argc++] = mem_copy("suite");
	argv[argc++] = mem_copy("--no-history");
	argv[argc++] = mem_copy("--color=never");
	buf_printf(&backend, "--backend=%s", wishes->backend ? wishes->backend : "auto");
	argv[argc++] = buf_take(&backend);
	if (wishes->arch) {
		buf_printf(&arch, "--arch=%s", wishes->arch);
		argv[argc++] = buf_take(&arch);
	}
	for (int i = 0; i < wishes->count; i++)
		argv[argc++] = subject_split(wishes->subjects[i], &test);
	setenv("unittest_log_dir", directory, 1);
	/* Whoever bisects sees what is said, and the script that asks reads nothing. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execv("/proc/self/exe", argv);
	_exit(BISECT_CANNOT_TELL);
}

/* A machine or a runner that ended early: is that the hypervisor's doing? */
static enum bisect early(const struct bisect_wishes *wishes, const char *verdict)
{
	if (!strcmp(verdict, "TIMEOUT"))
		return BISECT_BAD;
	if (!strcmp(verdict, "ERROR"))
		return wishes->error_is_bad ? BISECT_BAD : BISECT_CANNOT_TELL;
	return BISECT_CANNOT_TELL;
}

static enum bisect case_judge(const struct bisect_wishes *wishes, const struct results *results)
{
	static const char *const bad[] = { "FAIL", "XPASS", "FLAKY" };

	if (!strcmp(results->verdict, "PASS") || !strcmp(results->verdict, "XFAIL"))
		return BISECT_GOOD;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!strcmp(results->verdict, bad[i]))
			return BISECT_BAD;
	return early(wishes, results->verdict);
}

/* Is the result of this TEST, or of this SUBTEST of it, or of one within? */
static bool about(const struct results *results, const struct result_item *item,
		  const char *place)
{
	const char *test = results_test_name(results, item->test);
	struct buf name = { 0 };
	size_t length = strlen(place);
	char *text;
	bool is;

	buf_printf(&name, "%s%s%s", test, *test && *item->path ? ":" : "", item->path);
	text = buf_take(&name);
	squeeze(text);
	is = !strncmp(text, place, length) && (!text[length] || text[length] == ':');
	free(text);
	return is;
}

static enum bisect test_judge(const struct bisect_wishes *wishes, const struct results *results,
			      const char *place)
{
	bool passed = false;

	for (size_t i = 0; i < results->item_count; i++) {
		const struct result_item *item = &results->items[i];

		if (!about(results, item, place))
			continue;
		/* What is recorded to fail fails: whoever names it wants to know since when. */
		if (results_failing(item) || !strcmp(item->word, "XFAIL"))
			return item->reason && !item->checks && strcmp(item->word, "XFAIL") ?
				early(wishes, "ERROR") : BISECT_BAD;
		passed |= !strcmp(item->word, "PASS");
	}
	for (size_t i = 0; i < results->test_count; i++)
		if (!strcmp(results->tests[i].name, place) && !results->tests[i].word)
			return early(wishes, results->verdict);
	return passed ? BISECT_GOOD : BISECT_CANNOT_TELL;
}

struct round {
	const struct bisect_wishes *wishes;
	enum bisect *outcomes;		/* one per subject */
};

static void case_take(void *context, struct results *results)
{
	struct round *round = context;
	const struct bisect_wishes *wishes = round->wishes;

	for (int i = 0; i < wishes->count; i++) {
		char *test, *name = subject_split(wishes->subjects[i], &test);

		if (!strcmp(name, results->name))
			round->outcomes[i] = test ? test_judge(wishes, results, test) :
						    case_judge(wishes, results);
		free(name);
	}
	results_free(results);
}

/* The worst counts: bad over untestable over good. */
static enum bisect outcomes_join(const struct bisect_wishes *wishes, const enum bisect *outcomes)
{
	enum bisect all = BISECT_GOOD;

	for (int i = 0; i < wishes->count; i++) {
		if (outcomes[i] == BISECT_BAD)
			return BISECT_BAD;
		if (outcomes[i] == BISECT_CANNOT_TELL)
			all = BISECT_CANNOT_TELL;
	}
	return all;
}

static enum bisect results_judge(const struct bisect_wishes *wishes, const char *directory)
{
	struct round round = { wishes, mem_new(wishes->count * sizeof(*round.outcomes)) };
	struct buf path = { 0 };
	struct run_info run;
	enum bisect outcome = BISECT_CANNOT_TELL;
	char why[300];

	for (int i = 0; i < wishes->count; i++)
		round.outcomes[i] = BISECT_CANNOT_TELL;
	buf_printf(&path, "%s/latest", directory);
	if (results_read(buf_text(&path), &run, case_take, &round, why, sizeof(why))) {
		run_info_free(&run);
		outcome = outcomes_join(wishes, round.outcomes);
	}
	buf_free(&path);
	free(round.outcomes);
	return outcome;
}

/* One suite; 128 and more if it was interrupted. */
static int round_run(const struct bisect_wishes *wishes)
{
	char directory[] = "/tmp/flatbed-bisect-XXXXXX";
	int status = 0, outcome;
	pid_t pid;

	if (!mkdtemp(directory)) {
		complain("/tmp: cannot make a folder: %s", strerror(errno));
		return BISECT_CANNOT_TELL;
	}
	pid = fork();
	if (!pid)
		suite_exec(wishes, directory);
	/* The suite stops its machines and tells by its end. */
	signal(SIGINT, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	outcome = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
		  (int)results_judge(wishes, directory);
	nftw(directory, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
	return outcome;
}

static int bisect_run(const char *program, int argc, char **argv)
{
	struct bisect_wishes wishes = { .rounds = ROUNDS };
	int first, status = options_read(&bisect_command, &wishes, argc, argv, &first);
	static const char *const words[] = { "good", "bad" };

	(void)program;
	if (status != OPTIONS_GO_ON)
		return status ? BISECT_CANNOT_TELL : 0;
	wishes.subjects = argv + first;
	wishes.count = argc - first;
	if (!wishes.count) {
		usage_print(&bisect_command, stderr);
		return BISECT_CANNOT_TELL;
	}
	status = BISECT_GOOD;
	for (unsigned long i = 0; i < wishes.rounds && status == BISECT_GOOD; i++)
		status = round_run(&wishes);
	complain("bisect: %s", status < 2 ? words[status] :
		 status == BISECT_CANNOT_TELL ? "cannot tell" : "interrupted");
	return status;
}

const struct command bisect_command = {
	.name = "bisect-run", .operands = "CASE[:TEST]...", .groups = groups, .run = bisect_run,
	.statuses = statuses,
	.text = "run cases or single TESTs for `git bisect run`",
};
