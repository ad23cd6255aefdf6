/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed standalone: writes standalone tests. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/arch.h"
#include "runner/cfg.h"
#include "runner/options.h"
#include "runner/report.h"
#include "runner/select.h"
#include "runner/session.h"
#include "runner/standalone.h"

struct standalone_wishes {
	const char *runner;
	const char *directory;
	const char *image;
	const char *arch;
};

#define AT(field)	.kind = OPTION_TEXT, .offset = offsetof(struct standalone_wishes, field)

static const struct option_row rows[] = {
	{ "runner", 0, "FILE", "the static runner that becomes part of each", AT(runner),
	  .values = "<file>" },
	{ "output", 'o', "FOLDER", "where they go; tests by default", AT(directory),
	  .values = "<directory>" },
	{ "image", 0, "FILE", "this image as a case of the name that follows, or its own",
	  AT(image), .values = "<file>" },
	{ "arch", 0, "ARCH", "images of another architecture", AT(arch), .values = "<arch>" },
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };
static const struct option_group *const groups[] = { &group, NULL };

static void part_add(struct buf *out, const char *name, const void *bytes, size_t size)
{
	buf_printf(out, "%s %zu\n", name, size);
	buf_add(out, bytes, size);
}

/* A file, if it is there. */
static bool file_add(struct buf *out, const char *name, const char *path)
{
	size_t size;
	char *bytes = file_read(path, &size);

	if (bytes)
		part_add(out, name, bytes, size);
	free(bytes);
	return bytes;
}

static void config_add(struct buf *out, const struct session *session, bool errata)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < session->config.count; i++) {
		const struct setting *one = &session->config.setting[i];
		const char *value = !strcmp(one->name, "ERRATATXT") ?
			(errata ? "errata.txt" : "") : !strcmp(one->name, "ARCH") ?
			session->arch : one->value;

		/* What the build was made with is of no use there. */
		if (strncmp(one->name, "HOST_", 5) && !strstr(one->name, "FLAGS") &&
		    strcmp(one->name, "SRCDIR"))
			buf_printf(&text, "%s=%s\n", one->name, value);
	}
	part_add(out, "config.mak", buf_text(&text), text.length);
	buf_free(&text);
}

/* A value may span lines: then it stands between three quotes. */
static void case_add(struct buf *out, const struct session *session, const struct cfg_case *one)
{
	struct buf text = { 0 }, name = { 0 };

	buf_printf(&text, "[%s]\n", one->name);
#define KEY_ADD(key, meaning)							\
	if (one->key && strchr(one->key, '\n'))					\
		buf_printf(&text, "%s = \"\"\"%s\n\"\"\"\n", #key, one->key);	\
	else if (one->key)							\
		buf_printf(&text, "%s = %s\n", #key, one->key);
	CFG_KEYS(KEY_ADD)
#undef KEY_ADD
	buf_printf(&name, "%s/unittests.cfg", session->test_dir);
	part_add(out, buf_text(&name), buf_text(&text), text.length);
	buf_free(&name);
	buf_free(&text);
}

static void known_add(struct buf *out, const struct session *session)
{
	for (size_t i = 0; i < session->known.path_count; i++)
		file_add(out, session->known.paths[i], session->known.paths[i]);
}

static bool program_write(const char *path, const struct buf *runner, const struct buf *parts)
{
	struct buf partial = { 0 };
	char trailer[32];
	int fd;
	bool good;

	snprintf(trailer, sizeof(trailer), STANDALONE_MAGIC "%08zu", parts->length);
	/* Whole or not at all: what is there may be running. */
	buf_printf(&partial, "%s.partial", path);
	fd = open(buf_text(&partial), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0777);
	good = fd >= 0 && write_all(fd, runner->data, runner->length) &&
	       write_all(fd, parts->data, parts->length) &&
	       write_all(fd, trailer, strlen(trailer));
	if (fd >= 0 && close(fd))
		good = false;
	if (good)
		good = !rename(buf_text(&partial), path);
	if (!good) {
		complain("%s: cannot write the test: %s", path, strerror(errno));
		unlink(buf_text(&partial));
	}
	buf_free(&partial);
	return good;
}

struct writer_of_tests {
	struct session session;
	struct buf runner;
	const char *directory;
};

static bool test_write(struct writer_of_tests *writer, const struct cfg_case *one,
		       const char *image)
{
	const char *errata = settings_get(&writer->session.config, "ERRATATXT", NULL);
	struct buf parts = { 0 }, name = { 0 }, path = { 0 };
	bool good = true;

	config_add(&parts, &writer->session, errata && !access(errata, R_OK));
	if (errata)
		file_add(&parts, "errata.txt", errata);
	file_add(&parts, "build-head", "build-head");
	case_add(&parts, &writer->session, one);
	known_add(&parts, &writer->session);
	buf_printf(&name, "%s/%s", writer->session.test_dir, one->file ? one->file : "");
	if (!one->file || !file_add(&parts, buf_text(&name), image)) {
		printf("skip %s (test kernel not present)\n", one->name);
	} else {
		buf_printf(&path, "%s/", writer->directory);
		name_encode(&path, one->name);
		good = program_write(buf_text(&path), &writer->runner, &parts);
		if (good)
			printf("Written %s.\n", buf_text(&path));
	}
	buf_free(&parts);
	buf_free(&name);
	buf_free(&path);
	return good;
}

static bool runner_read(struct writer_of_tests *writer, const char *path)
{
	size_t size;
	char *bytes;

	if (!path)
		path = "build/static/flatbed";
	bytes = file_read(path, &size);
	if (!bytes) {
		complain("%s: %s; make standalone makes it", path, strerror(errno));
		return false;
	}
	buf_add(&writer->runner, bytes, size);
	free(bytes);
	return true;
}

static bool wanted(const struct cfg_case *one, char **names, int count)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(one->name, names[i]))
			return true;
	return !count;
}

static int image_write(struct writer_of_tests *writer, const char *image, const char *name)
{
	const char *slash = strrchr(image, '/');
	char *file = mem_copy(slash ? slash + 1 : image);
	char *own = mem_text(file, strcspn(file, "."));
	struct cfg_case one = { .name = mem_copy(name ? name : own), .file = file };
	bool good;

	session_target(&writer->session,
		       arch_of_image(image, writer->session.configured_arch));
	good = test_write(writer, &one, image);
	free(one.name);
	free(own);
	free(file);
	return good ? 0 : 2;
}

static int cases_write(struct writer_of_tests *writer, char **names, int count)
{
	struct buf path = { 0 };
	struct cfg cfg = { 0 };
	int status = 0;
	size_t written = 0;

	buf_printf(&path, "%s/unittests.cfg", writer->session.test_dir);
	cfg_read(&cfg, buf_text(&path), CFG_ADD, complain_line);
	buf_free(&path);
	select_defaults(&writer->session, &cfg);
	for (size_t i = 0; i < cfg.count; i++) {
		const struct cfg_case *one = &cfg.cases[i];
		char *image;

		if (!wanted(one, names, count))
			continue;
		image = session_image(&writer->session, one->file ? one->file : "");
		written++;
		if (!test_write(writer, one, image))
			status = 2;
		free(image);
	}
	cfg_free(&cfg);
	if (!written) {
		complain("no such case");
		return 2;
	}
	return status;
}

static int standalone_command_run(const char *program, int argc, char **argv)
{
	static struct writer_of_tests writer;
	struct standalone_wishes wishes = { 0 };
	int first, status = options_read(&standalone_command, &wishes, argc, argv, &first);

	if (status != OPTIONS_GO_ON)
		return status;
	if (!session_start(&writer.session, program, wishes.arch)) {
		complain("no config.mak here: run ./configure && make first");
		return 2;
	}
	session_known(&writer.session, NULL);
	writer.directory = wishes.directory ? wishes.directory : "tests";
	if (mkdir(writer.directory, 0777) && errno != EEXIST) {
		complain("%s: %s", writer.directory, strerror(errno));
		return 2;
	}
	if (!runner_read(&writer, wishes.runner))
		return 2;
	if (wishes.image)
		return image_write(&writer, wishes.image, first < argc ? argv[first] : NULL);
	return cases_write(&writer, argv + first, argc - first);
}

const struct command standalone_command = {
	.name = "standalone", .operands = "[CASE...]", .groups = groups,
	.run = standalone_command_run,
	.text = "write each case as one file that runs without this tree and without QEMU",
};
