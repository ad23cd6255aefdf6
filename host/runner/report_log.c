/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs/NAME.log, each a link into a folder of its own per run, so that no run
 * destroys what another one left.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/die.h"
#include "base/map.h"
#include "runner/job.h"
#include "runner/report.h"
#include "runner/results.h"
#include "runner/session.h"

#define LOG_CAP	(16u << 20)	/* bytes of a case's log */

struct log_file {
	int fd;
	size_t written;
	struct buf out;
};

struct log_report {
	struct report report;
	struct session *session;
	char *directory;	/* "logs" */
	char *run;		/* "runs/20260131-235959-4711", below it */
	struct map names;	/* of the cases logged so far, and how often */
	bool full;		/* a write has failed, and we said so */
};

static char *path_join(const char *a, const char *b, const char *end)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s%s", a, b, end);
	return buf_take(&path);
}

static void write_failed(struct log_report *log)
{
	if (!log->full)
		complain("%s/%s: cannot write a log: %s; the run goes on without", log->directory,
			 log->run, strerror(errno));
	log->full = true;
	log->session->status = 2;
}

void name_encode(struct buf *out, const char *name)
{
	for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
		bool dot = *c == '.' && c == (const unsigned char *)name;

		if (*c > ' ' && *c != '/' && *c != '%' && *c != 0x7f && !dot)
			buf_add(out, c, 1);
		else
			buf_printf(out, "%%%02X", *c);
	}
}

/* The case's file name; of several cases of one name, the second is NAME.2. */
static char *log_name(struct log_report *log, const char *name)
{
	size_t same = ++*map_at(&log->names, name);
	struct buf file = { 0 };

	name_encode(&file, name);
	if (same > 1)
		buf_printf(&file, ".%zu", same);
	buf_puts(&file, ".log");
	return buf_take(&file);
}

/* What has its log from before the run was resumed. */
static void log_replay(struct report *report, const struct results *results, bool red)
{
	struct log_report *log = (struct log_report *)report;

	(void)red;
	if (results->log)
		++*map_at(&log->names, results->label ? results->label : results->name);
}

static void link_make(const char *target, const char *path)
{
	unlink(path);
	if (symlink(target, path) && errno != ENOSPC)
		complain("%s: cannot link to %s: %s", path, target, strerror(errno));
}

static void log_begin(struct report *report, struct job *job)
{
	struct log_report *log = (struct log_report *)report;
	struct log_file *file = mem_new(sizeof(*file));
	char *name = log_name(log, job->label);
	char *target = path_join(log->run, name, "");
	char *path = path_join(log->directory, target, "");
	char *link = path_join(log->directory, name, "");

	job->log = file;
	job->log_path = mem_copy(path);
	file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file->fd < 0)
		write_failed(log);
	else
		link_make(target, link);
	job->backend->command(job, &file->out);
	buf_puts(&file->out, "\n");
	free(name);
	free(target);
	free(path);
	free(link);
}

static void log_flush(struct report *report, struct job *job)
{
	struct log_report *log = (struct log_report *)report;
	struct log_file *file = job->log;

	if (!file || !file->out.length)
		return;
	if (file->fd >= 0 && !write_all(file->fd, file->out.data, file->out.length)) {
		write_failed(log);
		close(file->fd);
		file->fd = -1;
	}
	file->out.length = 0;
}

static void log_line(struct report *report, struct job *job, const struct line *line)
{
	struct log_file *file = job->log;

	if (!file || file->written > LOG_CAP)
		return;
	file->written += line->length + 1;
	if (file->written > LOG_CAP) {
		buf_printf(&file->out, "flatbed: the log ends here: it has %u MiB\n",
			   LOG_CAP >> 20);
		return;
	}
	utf8_add(&file->out, line->text, line->length);
	buf_puts(&file->out, "\n");
	if (file->out.length > LINE_MAX_BYTES)
		log_flush(report, job);
}

static void log_end(struct report *report, struct job *job)
{
	struct log_file *file = job->log;

	if (!file)
		return;
	buf_puts(&file->out, "\n");
	log_flush(report, job);
	if (file->fd >= 0)
		close(file->fd);
	buf_free(&file->out);
	free(file);
	job->log = NULL;
}

static void directory_make(const char *path)
{
	if (mkdir(path, 0777) && errno != EEXIST)
		die_errno("%s: cannot make the folder for logs", path);
}

/* Links of earlier runs go; files that are no links are kept aside. */
static void directory_clear(struct log_report *log)
{
	DIR *directory = opendir(log->directory);
	char *aside = path_join(log->directory, "runs/earlier", "");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		size_t length = strlen(entry->d_name);
		char *path, *kept;
		struct stat info;

		if (length < 5 || strcmp(entry->d_name + length - 4, ".log"))
			continue;
		path = path_join(log->directory, entry->d_name, "");
		kept = path_join(aside, entry->d_name, "");
		if (!lstat(path, &info) && S_ISLNK(info.st_mode)) {
			unlink(path);
		} else if (S_ISREG(info.st_mode)) {
			mkdir(aside, 0777);
			rename(path, kept);
		}
		free(path);
		free(kept);
	}
	if (directory)
		closedir(directory);
	free(aside);
}

static void summary_write(struct log_report *log)
{
	char *path = path_join(log->directory, "SUMMARY", "");
	struct buf text = { 0 };
	size_t size;
	char *place = session_file(log->session, "build-head");
	char *head = file_read(place, &size);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	buf_printf(&text, "BUILD_HEAD=%.*s\n", head ? (int)strcspn(head, " \n\r") : 0,
		   head ? head : "");
	if (fd < 0 || !write_all(fd, text.data, text.length))
		write_failed(log);
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	free(head);
	free(place);
	free(path);
}

/* A folder of its own, by the time and the process; clocks may have been set back. */
static void run_make(struct log_report *log)
{
	time_t now = time(NULL);
	struct tm local;
	char stamp[32];

	localtime_r(&now, &local);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
	for (unsigned int same = 1;; same++) {
		struct buf run = { 0 };

		buf_printf(&run, "runs/%s-%d", stamp, (int)getpid());
		if (same > 1)
			buf_printf(&run, ".%u", same);
		log->run = buf_take(&run);
		log->session->run_directory = path_join(log->directory, log->run, "");
		if (!mkdir(log->session->run_directory, 0777))
			return;
		if (errno != EEXIST)
			die_errno("%s: cannot make the folder for logs",
				  log->session->run_directory);
		free(log->run);
		free(log->session->run_directory);
	}
}

static void run_resume(struct log_report *log)
{
	const char *name = strrchr(log->session->resumed, '/');

	log->run = path_join("runs", name ? name + 1 : log->session->resumed, "");
	log->session->run_directory = path_join(log->directory, log->run, "");
}

struct report *report_log(struct session *session, const char *directory)
{
	struct log_report *log = mem_new(sizeof(*log));
	char *path;

	log->session = session;
	log->directory = mem_copy(directory);
	log->report.begin = log_begin;
	log->report.line = log_line;
	log->report.flush = log_flush;
	log->report.end = log_end;
	log->report.replay = log_replay;

	directory_make(directory);
	path = path_join(directory, "runs", "");
	directory_make(path);
	free(path);
	if (session->resumed) {
		run_resume(log);
	} else {
		run_make(log);
		directory_clear(log);
	}
	path = path_join(directory, "latest", "");
	link_make(log->run, path);
	free(path);
	summary_write(log);
	return &log->report;
}
