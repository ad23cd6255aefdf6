/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of TESTs: runs those that its arguments name, or all, each in a child.
 * Leaves as an image does through the debug-exit port.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/mutate.h"
#include "api/test.h"

#ifndef TEST_SECONDS
#define TEST_SECONDS	30	/* what a TEST takes at most, then it hangs */
#endif

extern const struct test tests[] __asm__("__start_api_tests");
extern const struct test tests_end[] __asm__("__stop_api_tests");

/*
 * What the runner finds in the file's first bytes: linkers put notes there.  The
 * name is as long as it takes to align the rest.
 */
static const struct {
	uint32_t name_size, size, type;
	char name[20];
	struct abi_image image;
} header __attribute__((used, section(".note.flatbed"), aligned(16))) = {
	.name_size = sizeof(header.name), .size = sizeof(header.image), .type = 1,
	.name = "Flatbed's tests",
	.image = {
		.magic = { ABI_IMAGE_MAGIC0, ABI_IMAGE_MAGIC1 },
		.version = ABI_IMAGE_VERSION | ABI_IMAGE_HOST,
		.word_size = sizeof(long), .test_size = sizeof(struct test),
		.tests = (uintptr_t)tests, .tests_end = (uintptr_t)tests_end,
	},
};

_Static_assert(offsetof(__typeof__(header), image) % 16 == 0, "where the runner looks");

/* A name among @names that is absent, or present if @present; its words say which. */
static bool caps_hold(const unsigned int *caps, const char *words, char *why, size_t size)
{
	int kvm = kvm_open();

	for (; caps && *caps != TEST_END; caps++) {
		size_t length = strcspn(words, ",");

		if (ioctl(kvm, KVM_CHECK_EXTENSION, *caps) <= 0) {
			snprintf(why, size, "no %.*s", (int)length, words);
			close(kvm);
			return false;
		}
		words += length;
		words += strspn(words, ", ");
	}
	close(kvm);
	return true;
}

static bool is_selected(const struct test *test, int argc, char **argv)
{
	bool selected = argc < 2;

	for (int i = 1; i < argc; i++)
		selected |= !strcmp(argv[i], test->name);
	return selected;
}

/* What the parent and the process of a TEST share. */
static struct shared {
	struct tally tally;
	struct mutation mutation;
} *shared;

static void __attribute__((noreturn)) child_run(const struct test *test, bool falsified,
						pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (falsified)
		mutate_begin(&shared->mutation);
	test_begin(test, &shared->tally);
	test->run();
	test_leave();
}

/* Waits for a child, but not for ever; returns false if that was in vain. */
static bool child_wait(pid_t child, int *status)
{
	struct timespec limit = { TEST_SECONDS, 0 };
	sigset_t ended;

	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	for (;;) {
		if (waitpid(child, status, WNOHANG) == child)
			return true;
		if (sigtimedwait(&ended, NULL, &limit) < 0 && errno == EAGAIN)
			break;
	}
	kill(child, SIGKILL);
	waitpid(child, status, 0);
	return false;
}

/* How the process of a TEST ended without its result, or why there was none. */
struct end {
	bool hung;
	int fork_error;			/* errno */
	int status;
};

/* Runs a TEST; returns whether it told its result. */
static bool child_do(const struct test *test, bool falsified, struct end *end)
{
	pid_t child, self = getpid();

	*end = (struct end){ 0 };
	fflush(stdout);
	shared->tally.ended = false;
	child = fork();
	if (!child)
		child_run(test, falsified, self);
	if (child < 0)
		end->fork_error = errno;
	else
		end->hung = !child_wait(child, &end->status);
	return shared->tally.ended;
}

static void failure_tell(const struct test *test, const struct end *end)
{
	char line[200];

	if (end->fork_error)
		snprintf(line, sizeof(line), "%s (error: fork: %s)", test->name,
			 strerror(end->fork_error));
	else if (end->hung)
		snprintf(line, sizeof(line), "%s (error: no end within %d s)", test->name,
			 TEST_SECONDS);
	else if (WIFSIGNALED(end->status))
		snprintf(line, sizeof(line), "%s (error: signal %d: %s)", test->name,
			 WTERMSIG(end->status), strsignal(WTERMSIG(end->status)));
	else
		snprintf(line, sizeof(line), "%s (error: its process left with status %d)",
			 test->name, WEXITSTATUS(end->status));
	test_result(&shared->tally, ABI_RESULT_FAIL, line);
}

/* A TEST with one check falsified; what it says of itself counts for nothing else. */
static void falsified_do(const struct test *test)
{
	const struct tally before = shared->tally;
	struct mutation *m = &shared->mutation;
	const struct mutate_site *site = &m->sites[m->site];
	struct end end;
	bool red;

	red = !child_do(test, true, &end) ||
		shared->tally.results[ABI_RESULT_FAIL] > before.results[ABI_RESULT_FAIL];
	shared->tally = before;
	if (m->done)
		printf("MUTATED: %s: %s:%u %s: %s\n", test->name, site->file, site->line,
		       m->way == MUTATE_FAR ? "far" : "outcome", red ? "noticed" : "unnoticed");
}

static void test_prove(const struct test *test)
{
	struct mutation *m = &shared->mutation;

	m->count = 0;
	for (m->site = 0; m->site < MUTATE_SITES; m->site++) {
		m->ways = 1;
		for (m->way = 0; m->way < m->ways; m->way++)
			falsified_do(test);
		if (!m->there)
			break;
	}
}

static void test_do(const struct test *test)
{
	char why[120], line[200];
	struct end end;

	printf("INFO: %s: %s\n", test->name, test->text);
	if (!caps_hold(test->needs, test->needs_text, why, sizeof(why))) {
		snprintf(line, sizeof(line), "%s (%s)", test->name, why);
		test_result(&shared->tally, ABI_RESULT_SKIP, line);
		return;
	}
	if (mutate_wanted())
		test_prove(test);
	if (!child_do(test, false, &end))
		failure_tell(test, &end);
}

static enum abi_exit summary(void)
{
	const struct tally *tally = &shared->tally;
	unsigned int total = 0, failed = tally->results[ABI_RESULT_FAIL];
	unsigned int skipped = tally->results[ABI_RESULT_SKIP];

	for (int i = 0; i < ABI_RESULT_COUNT; i++)
		total += tally->results[i];
	printf("SUMMARY: %u tests", total);
	if (failed)
		printf(", %u unexpected failures", failed);
	if (skipped)
		printf(", %u skipped", skipped);
	printf("\n");
	if (failed)
		return ABI_EXIT_FAIL;
	return total == skipped ? ABI_EXIT_SKIP : ABI_EXIT_PASS;
}

int main(int argc, char **argv)
{
	sigset_t ended;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return ABI_EXIT_ABORT << 1 | 1;
	/* Lines of a child that dies are there all the same. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	for (const struct test *test = tests; test < tests_end; test++)
		if (is_selected(test, argc, argv))
			test_do(test);
	return summary() << 1 | 1;
}
