/* SPDX-License-Identifier: BSD-2-Clause */
/* What all jobs of one call share. */
#include "runner/session.h"

#include <errno.h>
#include <poll.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/die.h"
#include "runner/arch.h"
#include "runner/report.h"

void complain_line(const char *message)
{
	struct buf line = { 0 };

	/* One write, so that it stays whole among others' output. */
	buf_printf(&line, "flatbed: %s\n", message);
	write_all(STDERR_FILENO, line.data, line.length);
	buf_free(&line);
}

void complain(const char *format, ...)
{
	va_list arguments;
	char text[2048];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	complain_line(text);
}

bool write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && errno == EAGAIN) {
			struct pollfd ready = { fd, POLLOUT, 0 };

			/* Whoever shares it has made it so. */
			poll(&ready, 1, -1);
			continue;
		}
		if (written < 0)
			return false;
		at += written;
		size -= written;
	}
	return true;
}

static enum output_state output;

void output_write(const void *bytes, size_t size)
{
	if (output == OUTPUT_UNREAD || write_all(STDOUT_FILENO, bytes, size))
		return;
	if (errno == EPIPE)
		output = OUTPUT_UNREAD;
	else if (output == OUTPUT_GOOD) {
		output = OUTPUT_LOST;
		complain("standard output: %s; the run goes on without", strerror(errno));
	}
}

enum output_state output_state(void)
{
	return output;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

bool duration_ns(const char *text, uint64_t *ns)
{
	static const struct { char unit; double seconds; } units[] = {
		{ '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	char *end;
	double number = strtod(text, &end);

	if (end == text || !(number >= 0) || (*end && end[1]))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		/* Thirty years will do. */
		if (units[i].unit == *end && number * units[i].seconds < 1e9) {
			*ns = number * units[i].seconds * 1e9;
			return true;
		}
	}
	return false;
}

void session_target(struct session *session, const char *arch)
{
	session->arch = arch;
	session->target = arch_find(arch);
	if (!session->target)
		die("there is no architecture '%s'", arch);
	free(session->test_dir);
	session->test_dir = session_file(session, session->target->directory);
	/* Shell conditions in a configuration file see it. */
	settings_set(&session->config, "ARCH", session->target->name);
}

char *session_file(const struct session *session, const char *name)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s%s", session->tree, name);
	return buf_take(&path);
}

/* An installed runner lies in its tree's scripts/. */
static char *tree_installed(void)
{
	struct buf path = { 0 };
	char program[PATH_MAX];
	size_t length;
	char *slash;
	bool is;

	if (!realpath("/proc/self/exe", program))
		return mem_copy("");
	slash = strrchr(program, '/');
	*slash = '\0';
	length = strlen(program);
	if (length < strlen("/scripts") || strcmp(slash - strlen("/scripts"), "/scripts"))
		return mem_copy("");
	buf_printf(&path, "%.*sconfig.mak", (int)(length - strlen("scripts")), program);
	is = !access(buf_text(&path), R_OK);
	path.length -= strlen("config.mak");
	if (!is)
		path.length = 0;
	return buf_take(&path);
}

static bool config_read(struct session *session)
{
	char *path = session_file(session, "config.mak");
	const char *errata;
	bool read = settings_read(&session->config, path);

	free(path);
	errata = settings_get(&session->config, "ERRATATXT", NULL);
	if (errata && *errata != '/' && *session->tree) {
		path = session_file(session, errata);
		settings_set(&session->config, "ERRATATXT", path);
		free(path);
	}
	return read;
}

bool session_start(struct session *session, const char *program, const char *arch)
{
	bool configured;

	session->program = program;
	session->tree = session->elsewhere || !access("config.mak", F_OK) ? mem_copy("") :
		tree_installed();
	configured = config_read(session) || session->elsewhere;
	session->configured_arch = mem_copy(settings_get(&session->config, "ARCH", "x86_64"));
	session_target(session, arch ? arch : session->configured_arch);
	return configured;
}

void session_known(struct session *session, const char *image)
{
	session->known.image = image;
	known_read(&session->known, session->test_dir, complain_line);
}

char *session_image(const struct session *session, const char *file)
{
	struct buf path = { 0 };

	if (*file == '/')
		return mem_copy(file);
	buf_puts(&path, session->tree);
	/* Images of other architectures than the configured one lie in build/. */
	if (strcmp(session->arch, session->configured_arch))
		buf_printf(&path, "build/%s/", session->arch);
	buf_printf(&path, "%s/%s", session->target->directory, file);
	return buf_take(&path);
}
