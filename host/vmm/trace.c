/* SPDX-License-Identifier: BSD-2-Clause */
/* Exits printed live. */
#include "vmm/trace.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "vmm/clock.h"
#include "vmm/exits.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"

#define ALL	"exits"

static struct {
	const char *groups;
	uint64_t begin;		/* time of the first exit that was printed */
} trace;

static bool chosen(const char *groups, const char *wanted)
{
	const char *word;
	size_t length;

	while ((word = str_word(&groups, ",", &length)))
		if (str_same(word, length, ALL) || str_same(word, length, wanted))
			return true;
	return false;
}

bool vm_trace_known(const char *groups, char *why, size_t size)
{
	struct str text = str_on(why, size);
	const char *word;
	size_t length;

	while ((word = str_word(&groups, ",", &length))) {
		if (str_same(word, length, ALL) || exit_group_known(word, length))
			continue;
		str_add(&text, "no exits are called '%.*s'; there are " ALL, (int)length, word);
		exit_groups(&text);
		return false;
	}
	return true;
}

void trace_begin(const char *groups)
{
	trace.groups = groups;
}

bool trace_msrs(void)
{
	const char *groups = trace.groups, *word;
	size_t length;

	while (groups && (word = str_word(&groups, ",", &length)))
		if (str_same(word, length, "msr"))
			return true;
	return false;
}

static void print(const struct vcpu *vcpu, uint64_t time, uint64_t pc, const char *what)
{
	char text[400];
	struct str line = str_on(text, sizeof(text) - 1);

	if (!trace.begin)
		trace.begin = time;
	str_add(&line, "[%12.6f] CPU %u %#llx %s", (double)(int64_t)(time - trace.begin) / 1e9,
		vcpu->index, (unsigned long long)pc, what);
	text[line.length++] = '\n';
	/* One call, so that lines of several CPUs do not mix. */
	if (write(STDERR_FILENO, text, line.length) < 0)
		trace.groups = NULL;	/* nobody reads it */
}

void trace_line(const struct vcpu *vcpu, uint64_t pc, const char *text)
{
	if (trace.groups)
		print(vcpu, host_ns(), pc, text);
}

void trace_exit(const struct vcpu *vcpu, const struct vm_exit *exit)
{
	char text[300];
	struct str line = str_on(text, sizeof(text));

	if (__builtin_expect(!trace.groups, 1) || !chosen(trace.groups, exit_group(exit)))
		return;
	/* The line of an MSR comes once it is known what became of it. */
	if (trace_msrs() && !strcmp(exit_group(exit), "msr"))
		return;
	exit_text(&line, exit);
	print(vcpu, exit->time, exit->pc, text);
}
