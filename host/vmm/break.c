/* SPDX-License-Identifier: BSD-2-Clause */
/* Which lie is told, how often, and when CPUs come to rest for it. */
#include "vmm/break.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "vmm/machine.h"

#define REST_NS_LEAST	2000	/* from the end of one rest to the next, */
#define REST_NS_MOST	50000	/* at random, so that no loop keeps step with it */

extern const struct lie *const __start_vm_lies[];
extern const struct lie *const __stop_vm_lies[];

static struct {
	const struct lie *lie;
	uint64_t nth;		/* 0: every time */
	uint64_t occasions;	/* atomic */
} active;

#define for_each_lie(l)							\
	for (const struct lie *const *l##_at = __start_vm_lies, *l;	\
	     l##_at < __stop_vm_lies && (l = *l##_at); l##_at++)

static int lie_order(const void *a, const void *b)
{
	const struct lie *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static const struct lie *lie_find(const char *text, uint64_t *nth, char *why, size_t size)
{
	const char *at = strchr(text, '@');
	size_t length = at ? (size_t)(at - text) : strlen(text), best = length / 2 + 1;
	const char *nearest = NULL;
	char *end;

	*nth = at ? strtoull(at + 1, &end, 10) : 0;
	if (at && (at[1] < '0' || at[1] > '9' || *end || !*nth)) {
		snprintf(why, size, "no number from 1 behind '@'");
		return NULL;
	}
	for_each_lie(lie) {
		if (str_same(text, length, lie->name))
			return lie;
		if (str_nearest(text, length, lie->name, &best))
			nearest = lie->name;
	}
	snprintf(why, size, "no such fault; %s%s%s'help' lists them",
		 nearest ? "did you mean '" : "", nearest ? nearest : "", nearest ? "'? " : "");
	return NULL;
}

bool vm_lie_known(const char *text, char *why, size_t size)
{
	uint64_t nth;

	return lie_find(text, &nth, why, size);
}

bool vm_lie_list(FILE *to, const char *form)
{
	static const char *const means[LIE_MEANS] = { "plain", "rest", "msr", "entry", "vmm" };
	bool markdown = !strcmp(form, "markdown"), help = !strcmp(form, "help");
	size_t count = __stop_vm_lies - __start_vm_lies;
	const struct lie **sorted;

	if (!markdown && !help && strcmp(form, "means"))
		return false;
	sorted = malloc(count * sizeof(*sorted));
	if (!sorted)
		return true;
	memcpy(sorted, __start_vm_lies, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), lie_order);
	if (markdown)
		fputs("| fault | what is wrong |\n|---|---|\n", to);
	for (size_t i = 0; i < count; i++)
		fprintf(to, markdown ? "| `%s` | %s |\n" : help ? "%-20s %s\n" : "%s %s\n",
			sorted[i]->name, markdown || help ? sorted[i]->text :
			means[sorted[i]->means]);
	free(sorted);
	return true;
}

void lie_begin(const char *text)
{
	char why[128];

	active.lie = text ? lie_find(text, &active.nth, why, sizeof(why)) : NULL;
}

const struct lie *lie_active(void)
{
	return active.lie;
}

bool lie_now(void)
{
	uint64_t n = __atomic_add_fetch(&active.occasions, 1, __ATOMIC_RELAXED);
	bool now = !active.nth || n == active.nth;

	if (now && machine.end)
		__atomic_add_fetch(&machine.end->lies, 1, __ATOMIC_RELAXED);
	return now;
}

bool break_access(enum bus_space space, gpa_t at, void *data, unsigned int size, bool write)
{
	struct lie_access access = { space, at, data, size, write };

	if (__builtin_expect(!active.lie || !active.lie->access, 1))
		return true;
	return active.lie->access(&access);
}

/* CPUs that must come to rest: at each exit, and whatever they do, now and then. */
static bool rests(const struct lie *lie)
{
	return lie && (lie->means == LIE_REST || lie->means == LIE_ENTRY);
}

void break_vm(void)
{
	if (active.lie)
		arch_break_vm(active.lie);
}

static __thread timer_t timer;

/* Once each, from a rest's end: a CPU must get somewhere in between. */
static void timer_arm(void)
{
	static __thread uint32_t random = 1;
	struct itimerspec once = { 0 };

	random ^= random << 13;		/* xorshift, of period 2^32 - 1 */
	random ^= random >> 17;
	random ^= random << 5;
	once.it_value.tv_nsec = REST_NS_LEAST + random % (REST_NS_MOST - REST_NS_LEAST);
	must(timer_settime(timer, 0, &once, NULL), "timer_settime");
}

void break_thread(struct vcpu *vcpu)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = VCPU_KICK_SIGNAL,
	};

	if (!rests(active.lie))
		return;
	event._sigev_un._tid = vcpu->tid;
	must(timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create");
	timer_arm();
}

void break_exit(struct vcpu *vcpu)
{
	if (rests(active.lie))
		__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

void break_rest(struct vcpu *vcpu)
{
	const struct lie *lie = active.lie;

	if (!rests(lie))
		return;
	arch_break_rest(lie, vcpu);
	if (lie->rest)
		lie->rest(vcpu);
	timer_arm();
}
