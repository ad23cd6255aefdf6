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

static void __attribute__((noreturn)) child_run(const struct test *test, struct tally *tally,
						pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	test_begin(test, tally);
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

static void failure_tell(const struct test *test, struct tally *tally, bool hung, int status)
{
	char line[200];

	if (hung)
		snprintf(line, sizeof(line), "%s (error: no end within %d s)", test->name,
			 TEST_SECONDS);
	else if (WIFSIGNALED(status))
		snprintf(line, sizeof(line), "%s (error: signal %d: %s)", test->name,
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(line, sizeof(line), "%s (error: its process left with status %d)",
			 test->name, WEXITSTATUS(status));
	test_result(tally, ABI_RESULT_FAIL, line);
}

static void test_do(const struct test *test, struct tally *tally)
{
	char why[120], line[200];
	pid_t child, self = getpid();
	bool in_time;
	int status;

	printf("INFO: %s: %s\n", test->name, test->text);
	if (!caps_hold(test->needs, test->needs_text, why, sizeof(why))) {
		snprintf(line, sizeof(line), "%s (%s)", test->name, why);
		test_result(tally, ABI_RESULT_SKIP, line);
		return;
	}
	fflush(stdout);
	tally->ended = false;
	child = fork();
	if (!child)
		child_run(test, tally, self);
	if (child < 0) {
		snprintf(line, sizeof(line), "%s (error: fork: %s)", test->name, strerror(errno));
		test_result(tally, ABI_RESULT_FAIL, line);
		return;
	}
	in_time = child_wait(child, &status);
	if (!tally->ended)
		failure_tell(test, tally, !in_time, status);
}

static enum abi_exit summary(const struct tally *tally)
{
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
	struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigset_t ended;

	if (tally == MAP_FAILED)
		return ABI_EXIT_ABORT << 1 | 1;
	/* Lines of a child that dies are there all the same. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	for (const struct test *test = tests; test < tests_end; test++)
		if (is_selected(test, argc, argv))
			test_do(test, tally);
	return summary(tally) << 1 | 1;
}
