/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports that are files: opening, closing, and what the writers share. */
#include "runner/report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/job.h"
#include "runner/options.h"
#include "runner/report.h"
#include "runner/session.h"

const struct writer *const writers[] = {
	&writer_junit, &writer_json, &writer_html, &writer_tap, &writer_ktap, &writer_github, NULL
};

/* What only this file knows of a report. */
struct file_writing {
	struct writing writing;
	char *path;		/* where it is to be; NULL: standard output */
	char *partial;		/* where it is until its end, or NULL */
	bool failed;		/* a write has failed, and we said so */
};

void totals_add(struct totals *totals, const char *verdict)
{
	totals->cases++;
	totals->red += results_red(verdict);
#define VERDICT_ADD(name) totals->name += !strcmp(verdict, #name);
	VERDICTS(VERDICT_ADD)
#undef VERDICT_ADD
}

void totals_print(const struct totals *totals, struct buf *out)
{
	const char *separator = ": ";

	buf_printf(out, "%zu case%s", totals->cases, totals->cases == 1 ? "" : "s");
#define VERDICT_PRINT(name)						\
	if (totals->name) {						\
		buf_printf(out, "%s%zu %s", separator, totals->name, #name);	\
		separator = ", ";					\
	}
	VERDICTS(VERDICT_PRINT)
#undef VERDICT_PRINT
}

void time_utc(struct buf *out, uint64_t us)
{
	time_t seconds = us / 1000000;
	struct tm utc;
	char text[32];

	gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	buf_puts(out, text);
}

void results_place(const struct results *results, const struct result_item *item,
		   struct buf *out)
{
	const char *test = results_test_name(results, item->test);

	buf_printf(out, "%s%s%s", test, *test && *item->path ? ": " : "", item->path);
}

bool results_whole(const struct results *results)
{
	if (!strcmp(results->verdict, "PASS") || !strcmp(results->verdict, "XFAIL"))
		return false;
	for (size_t i = 0; i < results->item_count; i++) {
		const struct result_item *item = &results->items[i];

		if (!strcmp(results->verdict, "SKIP") ? !strcmp(item->word, "SKIP") :
		    !strcmp(results->verdict, "FAIL") && results_failing(item))
			return false;
	}
	return true;
}

void check_print(const struct check_item *check, const char *indent, struct buf *out)
{
	const char *text = check->text;

	if (check->file)
		buf_printf(out, "%s%s:%llu: %s\n", indent, check->file,
			   (unsigned long long)check->line, check->expression);
	else
		buf_printf(out, "%s%s\n", indent, check->expression);
	if (check->expected)
		buf_printf(out, "%s\texpected %s\n", indent, check->expected);
	if (check->got)
		buf_printf(out, "%s\tgot      %s\n", indent, check->got);
	while (text && *text) {
		size_t length = strcspn(text, "\n");

		buf_printf(out, "%s\t%.*s\n", indent, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void writers_print(void)
{
	for (const struct writer *const *writer = writers; *writer; writer++) {
		printf("%-8s %s", (*writer)->name, (*writer)->help);
		if ((*writer)->lacks)
			printf(" (not in this build: it was made without %s)",
			       (*writer)->lacks);
		printf("\n");
	}
}

static const struct writer *writer_named(const char *name, size_t length)
{
	struct buf known = { 0 };

	for (const struct writer *const *writer = writers; *writer; writer++) {
		if (str_same(name, length, (*writer)->name)) {
			buf_free(&known);
			return *writer;
		}
		buf_printf(&known, "%s%s", known.length ? ", " : "", (*writer)->name);
	}
	complain("--report=%.*s: it is one of %s, maybe with =FILE behind", (int)length, name,
		 buf_text(&known));
	buf_free(&known);
	return NULL;
}

static const struct writer *writer_usable(const char *what)
{
	const struct writer *writer = writer_named(what, strcspn(what, "="));

	if (!writer || !writer->lacks)
		return writer;
	complain("--report=%s: this build has no %s; install its development package, then "
		 "./configure && make", writer->name, writer->lacks);
	return NULL;
}

int writing_wish(const char *what, const char ***wishes, size_t *count)
{
	if (!strcmp(what, "help")) {
		writers_print();
		return 0;
	}
	if (!writer_usable(what))
		return 2;
	*wishes = mem_grow(*wishes, *count, sizeof(**wishes));
	(*wishes)[(*count)++] = what;
	return OPTIONS_GO_ON;
}

static bool stream_open(struct file_writing *file, const char *name, const char *directory)
{
	struct writing *writing = &file->writing;
	struct buf path = { 0 };

	if (name && !strcmp(name, "-")) {
		writing->stream = fdopen(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "w");
		return writing->stream;
	}
	if (name && *name)
		buf_puts(&path, name);
	else
		buf_printf(&path, "%s%s%s", directory ? directory : "", directory ? "/" : "",
			   writing->writer->file);
	file->path = buf_take(&path);
	if (writing->writer->whole) {
		buf_printf(&path, "%s.partial", file->path);
		file->partial = buf_take(&path);
	}
	writing->stream = fopen(file->partial ? file->partial : file->path, "we");
	if (!writing->stream)
		complain("%s: cannot write the %s report: %s", file->path, writing->writer->name,
			 strerror(errno));
	return writing->stream;
}

static void writing_free(struct file_writing *file)
{
	free(file->path);
	free(file->partial);
	free(file);
}

struct writing *writing_start(const char *what, const struct run_info *run,
			      const char *directory, size_t expected)
{
	const struct writer *writer = writer_usable(what);
	size_t length = strcspn(what, "=");
	struct file_writing *file;
	char why[300];

	if (!writer)
		return NULL;
	file = mem_new(sizeof(*file));
	file->writing = (struct writing){ .writer = writer, .run = run, .expected = expected };
	if (!stream_open(file, what[length] ? what + length + 1 : NULL, directory)) {
		writing_free(file);
		return NULL;
	}
	if (!writer->begin(&file->writing, why, sizeof(why))) {
		complain("--report=%s: %s", writer->name, why);
		fclose(file->writing.stream);
		if (file->partial)
			unlink(file->partial);
		writing_free(file);
		return NULL;
	}
	return &file->writing;
}

static void failure_check(struct file_writing *file)
{
	bool failed = fflush(file->writing.stream) || ferror(file->writing.stream);

	if (failed && !file->failed)
		complain("%s: cannot write the %s report: %s", file->path ? file->path :
			 "standard output", file->writing.writer->name, strerror(errno));
	file->failed |= failed;
}

void writing_add(struct writing *writing, const struct results *results)
{
	struct file_writing *file = (struct file_writing *)writing;

	totals_add(&writing->totals, results->verdict);
	if (file->failed)
		return;
	writing->writer->add(writing, results);
	failure_check(file);
}

bool writing_end(struct writing *writing, uint64_t wall_ns)
{
	struct file_writing *file = (struct file_writing *)writing;
	bool good;

	writing->totals.wall_ns = wall_ns;
	writing->writer->end(writing);
	if (!file->failed)
		failure_check(file);
	if (fclose(writing->stream))
		file->failed = true;
	if (file->partial && !file->failed && rename(file->partial, file->path)) {
		complain("%s: cannot put the report in its place: %s", file->path, strerror(errno));
		file->failed = true;
	}
	good = !file->failed;
	writing_free(file);
	return good;
}

struct file_report {
	struct report report;
	struct session *session;
	struct writing *writing;
	uint64_t started;
};

static void file_end(struct report *report, struct job *job)
{
	struct file_report *file = (struct file_report *)report;

	if (!job->superseded)
		writing_add(file->writing, job->results);
}

static void file_replay(struct report *report, const struct results *results, bool red)
{
	(void)red;
	writing_add(((struct file_report *)report)->writing, results);
}

static void file_finish(struct report *report)
{
	struct file_report *file = (struct file_report *)report;

	if (!writing_end(file->writing, now_ns() - file->started))
		file->session->status = 2;
	file->writing = NULL;
}

struct report *report_file(struct session *session, const char *what,
			   const struct run_info *run, size_t expected)
{
	struct writing *writing = writing_start(what, run, session->run_directory, expected);
	struct file_report *file;

	if (!writing)
		return NULL;
	file = mem_new(sizeof(*file));
	file->report.end = file_end;
	file->report.replay = file_replay;
	file->report.finish = file_finish;
	file->session = session;
	file->writing = writing;
	file->started = now_ns();
	return &file->report;
}

struct journal {
	struct report report;
	struct session *session;
	int fd;
};

static void journal_put(struct journal *journal, struct buf *text)
{
	if (journal->fd >= 0 && !write_all(journal->fd, text->data, text->length)) {
		complain("%s/results: cannot write the results: %s; the run goes on without",
			 journal->session->run_directory, strerror(errno));
		close(journal->fd);
		journal->fd = -1;
		journal->session->status = 2;
	}
	buf_free(text);
}

static void journal_end(struct report *report, struct job *job)
{
	struct buf text = { 0 };

	results_write_case(&text, job->results);
	journal_put((struct journal *)report, &text);
}

/* What the runner did not get to finish writing goes. */
static void journal_trim(int fd, const char *path)
{
	static const char end[] = "\nend\n";
	size_t size, whole = 0;
	char *text = file_read(path, &size);

	for (char *at = text; at && (at = memmem(at, text + size - at, end, strlen(end)));
	     at += strlen(end) - 1)
		whole = at - text + strlen(end);
	/* Without a case, what stands there is written anew. */
	if (text && ftruncate(fd, whole))
		complain("%s: %s", path, strerror(errno));
	free(text);
}

struct report *report_journal(struct session *session, const struct run_info *run)
{
	struct journal *journal = mem_new(sizeof(*journal));
	struct buf path = { 0 }, text = { 0 };

	buf_printf(&path, "%s/results", session->run_directory);
	journal->report.end = journal_end;
	journal->session = session;
	/* Several may append: a resumed run goes on where it was. */
	journal->fd = open(buf_text(&path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (journal->fd < 0) {
		complain("%s: cannot write the results: %s", buf_text(&path), strerror(errno));
		session->status = 2;
	}
	if (session->resumed && journal->fd >= 0)
		journal_trim(journal->fd, buf_text(&path));
	results_write_run(&text, run);
	journal_put(journal, &text);
	buf_free(&path);
	return &journal->report;
}
