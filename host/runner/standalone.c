/* SPDX-License-Identifier: BSD-2-Clause */
/* A standalone test: unpacks its case into a private folder and runs it. */
#include "runner/standalone.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/die.h"
#include "runner/cache.h"
#include "runner/cfg.h"
#include "runner/host_facts.h"
#include "runner/job.h"
#include "runner/report.h"
#include "runner/select.h"
#include "runner/session.h"
#include "runner/units.h"

#define TRAILER	(sizeof(STANDALONE_MAGIC) - 1 + 8)

static struct {
	struct session session;
	struct site site;
	struct unit unit;
	bool taken;
	int status;
	char folder[PATH_MAX];	/* "" before it is made */
} alone;

/* Size of what is carried, and where it ends; 0: nothing is. */
static size_t carried(int fd, off_t *end)
{
	char trailer[TRAILER + 1] = { 0 };
	struct stat info;

	if (fd < 0 || fstat(fd, &info) || info.st_size < (off_t)TRAILER)
		return 0;
	*end = info.st_size - TRAILER;
	if (pread(fd, trailer, TRAILER, *end) != (ssize_t)TRAILER ||
	    memcmp(trailer, STANDALONE_MAGIC, sizeof(STANDALONE_MAGIC) - 1))
		return 0;
	return strtoull(trailer + sizeof(STANDALONE_MAGIC) - 1, NULL, 10);
}

/* This program's own file; without /proc, by the name that it was started by. */
static int self_open(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : open((const char *)getauxval(AT_EXECFN), O_RDONLY | O_CLOEXEC);
}

bool standalone_is(void)
{
	int fd = self_open();
	off_t end;
	bool is = carried(fd, &end);

	if (fd >= 0)
		close(fd);
	return is;
}

static char *carried_read(size_t *size)
{
	int fd = self_open();
	off_t end;
	char *bytes;

	*size = carried(fd, &end);
	bytes = mem_new(*size + 1);
	if ((off_t)*size > end || pread(fd, bytes, *size, end - *size) != (ssize_t)*size)
		die("the case behind this program cannot be read: the file is damaged");
	close(fd);
	return bytes;
}

static int entry_remove(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

static void folder_remove(void)
{
	if (*alone.folder && chdir("/") == 0)
		nftw(alone.folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
	*alone.folder = '\0';
}

static void file_unpack(const char *name, const char *bytes, size_t size)
{
	const char *slash = strrchr(name, '/');
	int fd;

	if (slash) {
		char *inner = mem_text(name, slash - name);

		if (!folder_make(inner))
			die_errno("%s/%s: cannot make the folder", alone.folder, inner);
		free(inner);
	}
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || !write_all(fd, bytes, size))
		die_errno("%s/%s: cannot unpack the case", alone.folder, name);
	close(fd);
}

static void unpack(void)
{
	const char *temporary = getenv("TMPDIR");
	size_t size, used = 0;
	char *bytes = carried_read(&size);

	snprintf(alone.folder, sizeof(alone.folder), "%s/flatbed-XXXXXX",
		 temporary && *temporary ? temporary : "/tmp");
	if (!mkdtemp(alone.folder)) {
		int error = errno;

		*alone.folder = '\0';
		errno = error;
		die_errno("no place to unpack the case: %s", temporary ? temporary : "/tmp");
	}
	atexit(folder_remove);
	if (chdir(alone.folder))
		die_errno("%s", alone.folder);
	while (used < size) {
		char *line = bytes + used, *end = memchr(line, '\n', size - used), *blank;
		size_t length;

		if (!end)
			break;
		*end = '\0';
		blank = strrchr(line, ' ');
		length = blank ? strtoull(blank + 1, NULL, 10) : size;
		used = end + 1 - bytes;
		if (length > size - used)
			break;
		*blank = '\0';
		file_unpack(line, bytes + used, length);
		used += length;
	}
	if (used != size)
		die("the case behind this program is damaged");
	free(bytes);
}

/* Paths that the user gave mean the same in the private folder. */
static void paths_keep(void)
{
	static const char *const names[] = { "QEMU", "BOCHS", "KVMTOOL", "KVM_UNIT_TESTS_ENV" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value && *value != '/' && !access(value, F_OK) &&
		    realpath(value, path))
			setenv(names[i], path, 1);
	}
}

/* Scripts pipe `yes` into it. */
static bool sure(void)
{
	static const char *const words[] = { "y", "Y", "yes", "Yes" };
	char answer[64] = "";

	printf("Test marked not to be run by default, are you sure (y/N)? ");
	fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(answer, words[i]))
			return true;
	return false;
}

static struct job *job_take(void *context)
{
	(void)context;
	if (alone.taken)
		return NULL;
	alone.taken = true;
	return select_job(&alone.unit, &(struct select_options){ .all = true, .timeout_scale = 1 },
			  alone.unit.one->name);
}

static void status_keep(struct report *report, struct job *job)
{
	(void)report;
	alone.status = job_status(job);
}

static void case_read(void)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/unittests.cfg", alone.session.test_dir);
	if (!cfg_read(&alone.site.cfg, buf_text(&path), CFG_ADD, complain_line) ||
	    alone.site.cfg.count != 1)
		die("the case behind this program is damaged: %s", buf_text(&path));
	buf_free(&path);
}

static bool color_wanted(void)
{
	const char *none = getenv("NO_COLOR");

	/* Into a pipe too: scripts strip it or match around it. */
	return !(none && *none);
}

static int usage(const char *program, FILE *where)
{
	fprintf(where, "Usage: %s\n\n"
		"One test with its VMM; it takes no arguments.  Variables: QEMU, ACCEL, MACHINE,\n"
		"TIMEOUT, CHECK, MAX_SMP, KVM_UNIT_TESTS_ENV, NO_COLOR, TMPDIR.\n\n"
		"Exit status: 0 passed, 3 failed, 77 skipped, 124 timeout, 127 the image aborted,\n"
		"1 any other error, 2 a mistake in the call or no VMM, 128 + N the VMM died of\n"
		"signal N.\n", program);
	return where == stdout ? 0 : 2;
}

static const struct vmm_wish automatic = { VMM_AUTO, "auto", NULL };

int standalone_run(int argc, char **argv)
{
	const struct work work = { .take = job_take, .cpus = 1, .in_order = true };
	const struct report_options options = { .color = color_wanted() };
	struct report keep = { .end = status_keep };
	struct session *session = &alone.session;
	char *head, maximum[16];
	int signal_number;

	if (argc > 1)
		return usage(argv[0], !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ?
			     stdout : stderr);
	paths_keep();
	unpack();
	session_start(session, argv[0], NULL);
	head = text_file("build-head");
	printf("BUILD_HEAD=%s\n", head ? head : "");
	fflush(stdout);
	free(head);
	case_read();
	if (select_in_group(&alone.site.cfg.cases[0], "nodefault") && !sure())
		return 77;
	fflush(stdout);
	alone.unit = (struct unit){
		.site = &alone.site, .one = &alone.site.cfg.cases[0], .vmm = &automatic,
		.attempt = 1,
	};
	alone.site.session = session;
	session->need_vmm_line = session->single = true;
	vmms_find(session);
	vmms_check(session, session->wanted, NULL);
	session_known(session, NULL);
	snprintf(maximum, sizeof(maximum), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	setenv("MAX_SMP", maximum, 0);
	session->reports = report_live(isatty(STDOUT_FILENO) && options.color);
	session->reports->next = report_terminal(&options);
	session->reports->next->next = &keep;
	signal_number = schedule(session, &work).signal;
	folder_remove();
	if (signal_number) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	return alone.status;
}
