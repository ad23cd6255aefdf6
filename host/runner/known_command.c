/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flatbed known: which recorded failures count here, and, after a run, what a
 * person may want to change in them.  It writes proposals only: an entry counts
 * when somebody has given it a reason.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/host_facts.h"
#include "runner/known.h"
#include "runner/options.h"
#include "runner/report.h"
#include "runner/report_file.h"
#include "runner/run_set.h"
#include "runner/session.h"

#define SUBTESTS_MOST	8	/* failing SUBTESTs that are listed; else their TEST is */

struct known_wishes {
	bool update;
	const char *arch;
};

#define AT(field)	.offset = offsetof(struct known_wishes, field)

static const struct option_row rows[] = {
	{ "update", 0, NULL, "write what the run saw to KIND.cfg.proposed, for a person to review",
	  .kind = OPTION_FLAG, AT(update) },
	{ "arch", 0, "ARCH", "of the images", .kind = OPTION_TEXT, AT(arch), .values = "<arch>" },
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };
static const struct option_group *const groups[] = { &group, NULL };

static void entry_name(const struct known_entry *entry, struct buf *out)
{
	buf_printf(out, "[%s: %s%s%s]", entry->image, entry->test, entry->subtest ? ": " : "",
		   entry->subtest ? entry->subtest : "");
}

static void entries_list(const struct known *known)
{
	for (size_t i = 0; i < known->count; i++) {
		const struct known_entry *entry = &known->entries[i];
		struct buf name = { 0 };

		entry_name(entry, &name);
		printf("%s:%u: %s%s%s%s%s%s: %s%s%s\n", entry->path, entry->line, buf_text(&name),
		       entry->on ? " on " : "", entry->on ? entry->on : "",
		       entry->perturbed ? ", perturbed by " : "",
		       entry->perturbed ? entry->perturbed : "",
		       entry->expired ? ", expired" : entry->void_ ? ", does not count" : "",
		       entry->reason ? entry->reason : "no reason",
		       entry->link ? " " : "", entry->link ? entry->link : "");
		buf_free(&name);
	}
}

/* A proposal for one kind of host. */
struct proposal {
	const struct session *session;
	const struct run_set *set;
	const char *kind;
	struct buf fresh, gone;
	size_t fresh_count, gone_count;
};

static struct known_host host_of(const struct results *results)
{
	return (struct known_host){
		.kind = results->kind, .arch = results->arch, .backend = results->backend,
		.perturbed = results->perturbed,
	};
}

static void stem_add(struct buf *out, const struct results *results)
{
	size_t length;
	const char *stem = image_stem(results->image, &length);

	buf_add(out, stem, length);
}

static void fresh_begin(struct proposal *p, const struct results *results, const char *test,
			const char *path)
{
	p->fresh_count++;
	buf_puts(&p->fresh, "\n[");
	stem_add(&p->fresh, results);
	buf_printf(&p->fresh, ": %s%s%s]\n", test, *path ? ": " : "", path);
	buf_printf(&p->fresh, "# case %s: %s%s%s\n", results->name, results->verdict,
		   *results->text ? ": " : "", results->text);
}

static void fresh_end(struct proposal *p, const struct results *results)
{
	if (results->arch && strcmp(results->arch, p->session->configured_arch))
		buf_printf(&p->fresh, "arch = %s\n", results->arch);
	if (results->perturbed)
		buf_printf(&p->fresh, "perturbed = %s\n", results->perturbed);
	buf_puts(&p->fresh, "reason =\n");
}

static size_t failing_subtests(const struct results *results, uint64_t test)
{
	size_t count = 0;

	for (size_t i = 0; i < results->item_count; i++)
		count += results->items[i].test == test && *results->items[i].path &&
			 !strcmp(results->items[i].word, "FAIL");
	return count;
}

static void failures_propose(struct proposal *p, const struct results *results, uint64_t test)
{
	size_t subtests = failing_subtests(results, test);

	for (size_t i = 0; i < results->item_count; i++) {
		const struct result_item *item = &results->items[i];
		bool whole = !*item->path;

		if (item->test != test || strcmp(item->word, "FAIL"))
			continue;
		/* If few SUBTESTs fail they are named; their TEST fails because of them. */
		if (subtests > SUBTESTS_MOST ? !whole : subtests && whole && !item->checks)
			continue;
		fresh_begin(p, results, results->tests[test].name, item->path);
		for (uint64_t c = 0; c < item->checks; c++)
			check_print(&results->checks[item->check + c], "# ", &p->fresh);
		fresh_end(p, results);
	}
}

static void case_propose(struct proposal *p, const struct results *results)
{
	for (size_t t = 0; t < results->test_count; t++) {
		const struct test_item *test = &results->tests[t];

		failures_propose(p, results, t);
		if (test->word || !results_red(results->verdict))
			continue;
		fresh_begin(p, results, test->name, "");
		buf_puts(&p->fresh, "# it began, and never ended\n");
		fresh_end(p, results);
	}
}

/* Did what the entry is about run, and never fail? */
static bool entry_gone(const struct known_entry *entry, const struct run_set *set,
		       const char *kind)
{
	bool passed = false;

	for (size_t i = 0; i < set->count; i++) {
		const struct results *results = set->cases[i];
		const struct known_host host = host_of(results);

		if (!results->kind || strcmp(results->kind, kind) ||
		    !known_about(entry, results->image, &host))
			continue;
		for (size_t n = 0; n < results->item_count; n++) {
			const struct result_item *item = &results->items[n];

			if (!known_covers(entry, results_test_name(results, item->test),
					  item->path))
				continue;
			if (!strcmp(item->word, "FAIL") || !strcmp(item->word, "XFAIL"))
				return false;
			passed |= !strcmp(item->word, "PASS") && (entry->subtest || !*item->path);
		}
	}
	return passed;
}

static void entries_propose(struct proposal *p)
{
	const struct known *known = &p->session->known;

	for (size_t i = 0; i < known->count; i++) {
		const struct known_entry *entry = &known->entries[i];
		bool gone = !known_sometimes(entry) && entry_gone(entry, p->set, p->kind);
		struct buf name = { 0 };

		if (!gone && !entry->expired)
			continue;
		p->gone_count++;
		entry_name(entry, &name);
		buf_printf(&p->gone, "# %s:%u: %s %s\n", entry->path, entry->line, buf_text(&name),
			   gone ? "passes: take it out" :
			   "has expired: look at it again");
		buf_free(&name);
	}
}

static int proposal_write(struct proposal *p)
{
	const struct host_facts *facts = host_facts();
	struct buf path = { 0 }, text = { 0 };
	int fd, status = 0;

	buf_printf(&path, "%s/known-failures", p->session->test_dir);
	buf_printf(&text, "# A proposal, made from run %s on %s, Linux %s.\n"
		   "# Review it: move what is a fault of %s into %s/%s.cfg, with a reason (an\n"
		   "# entry without one does not count), and mend the rest.\n",
		   p->set->runs[0].id ? p->set->runs[0].id : "?", facts->cpu, facts->kernel,
		   p->kind, buf_text(&path), p->kind);
	if (p->gone.length)
		buf_printf(&text, "\n%s", buf_text(&p->gone));
	buf_add(&text, p->fresh.data, p->fresh.length);
	buf_printf(&path, "/%s.cfg.proposed", p->kind);
	fd = open(buf_text(&path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || !write_all(fd, text.data, text.length)) {
		complain("%s: cannot write the proposal: %s", buf_text(&path), strerror(errno));
		status = 2;
	} else {
		printf("%s: %zu that fail%s and %s not recorded, %zu recorded to look at again\n",
		       buf_text(&path), p->fresh_count, p->fresh_count == 1 ? "s" : "",
		       p->fresh_count == 1 ? "is" : "are", p->gone_count);
	}
	if (fd >= 0)
		close(fd);
	buf_free(&path);
	buf_free(&text);
	return status;
}

static int kind_propose(const struct session *session, const struct run_set *set,
			const char *kind)
{
	struct proposal p = { .session = session, .set = set, .kind = kind };
	int status = 0;

	for (size_t i = 0; i < set->count; i++)
		if (set->cases[i]->kind && !strcmp(set->cases[i]->kind, kind))
			case_propose(&p, set->cases[i]);
	entries_propose(&p);
	if (p.fresh_count || p.gone_count)
		status = proposal_write(&p);
	else
		printf("%s: nothing to propose\n", kind);
	buf_free(&p.fresh);
	buf_free(&p.gone);
	return status;
}

static int update(const struct session *session, const char *words)
{
	struct run_set set = { 0 };
	char why[300];
	int status = 0;

	if (!run_set_load(&set, words, why, sizeof(why))) {
		complain_line(why);
		return 2;
	}
	for (size_t i = 0; i < set.count; i++) {
		const char *kind = set.cases[i]->kind;
		bool seen = !kind;

		for (size_t k = 0; k < i && !seen; k++)
			seen = set.cases[k]->kind && !strcmp(set.cases[k]->kind, kind);
		if (!seen && kind_propose(session, &set, kind))
			status = 2;
	}
	run_set_free(&set);
	return status;
}

static void quiet(const char *message)
{
	(void)message;
}

static int known_run(const char *program, int argc, char **argv)
{
	static struct session session;
	struct known_wishes wishes = { 0 };
	int first, status = options_read(&known_command, &wishes, argc, argv, &first);

	if (status != OPTIONS_GO_ON)
		return status;
	if (argc - first > 1 || (argc > first && !wishes.update)) {
		usage_print(&known_command, stderr);
		return 2;
	}
	session_start(&session, program, wishes.arch);
	known_read(&session.known, session.test_dir, wishes.update ? quiet : complain_line);
	if (wishes.update)
		return update(&session, first < argc ? argv[first] : "latest");
	entries_list(&session.known);
	return 0;
}

const struct command known_command = {
	.name = "known", .operands = "[RUN]", .groups = groups, .run = known_run,
	.text = "list the known failures; with --update, propose changes after a run",
};
