/* SPDX-License-Identifier: BSD-2-Clause */
/* The environment that a guest is given, as a text of NAME=value lines. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "abi/verdict.h"
#include "base/buf.h"
#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"

/* "A.B.C-rest": up to three numbers, and what follows. */
struct version {
	unsigned int number[3];
	const char *rest;
};

static struct version version_read(const char *text)
{
	struct version version = { { 0 }, text };

	for (int i = 0; i < 3 && isdigit((unsigned char)*version.rest); i++) {
		char *end;

		version.number[i] = strtoul(version.rest, &end, 10);
		version.rest = *end == '.' && i < 2 ? end + 1 : end;
	}
	return version;
}

static bool version_reaches(const char *have, const char *least)
{
	struct version a = version_read(have), b = version_read(least);

	for (int i = 0; i < 3; i++)
		if (a.number[i] != b.number[i])
			return a.number[i] > b.number[i];
	return true;
}

static void versions_add(struct job *job, struct settings *out, const char *release)
{
	struct vmms *vmms = &job->session->vmms;
	struct version qemu, kernel = version_read(release);
	char number[16];

	settings_set(out, "TARGET", settings_get(&job->session->config, "TARGET", "qemu"));
	if (job->backend == &backend_kvm || job->backend == &backend_qemu)
		settings_set(out, "QEMU_ACCEL", job->accel);
	if (job->backend == &backend_qemu) {
		static const char *const names[] = { "QEMU_MAJOR", "QEMU_MINOR", "QEMU_MICRO" };

		qemu_probe(job->session);
		qemu = version_read(vmms->qemu_version);
		settings_set(out, "QEMU_VERSION_STRING", vmms->qemu_version);
		for (int i = 0; i < 3; i++) {
			snprintf(number, sizeof(number), "%u", qemu.number[i]);
			settings_set(out, names[i], number);
		}
	}
	settings_set(out, "KERNEL_VERSION_STRING", release);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = {
			"KERNEL_VERSION", "KERNEL_PATCHLEVEL", "KERNEL_SUBLEVEL",
		};

		snprintf(number, sizeof(number), "%u", kernel.number[i]);
		settings_set(out, names[i], number);
	}
	settings_set(out, "KERNEL_EXTRAVERSION", kernel.rest);
}

/* "commit : least kernel : text" lines: y where the host's kernel is as new. */
static void errata_file(struct settings *out, const char *path, const char *release)
{
	size_t size;
	char *text = file_read(path, &size), *rest = text, *line;

	while (text && (line = strsep(&rest, "\n"))) {
		char *commit = line + strspn(line, " \t"), *least, name[80];
		const char *given;
		size_t length = strspn(commit, "0123456789abcdef");

		least = strchr(commit, ':');
		if (!length || length > 40 || !least)
			continue;
		snprintf(name, sizeof(name), "ERRATA_%.*s", (int)length, commit);
		given = getenv(name);
		least += 1 + strspn(least + 1, " \tv");
		settings_set(out, name, given ? given :
			     version_reaches(release, least) ? "y" : "n");
	}
	free(text);
}

static void errata_add(struct job *job, struct settings *out, const char *release)
{
	const char *force = getenv("ERRATA_FORCE");
	const char *path = settings_get(&job->session->config, "ERRATATXT", NULL);

	if (job->session->errata_force || (force && !strcmp(force, "y")) ||
	    !strncmp(job->accel, "tcg", 3) || job->backend == &backend_bochs) {
		settings_set(out, "ERRATA_FORCE", "y");
		return;
	}
	if (path)
		errata_file(out, path, release);
}

/* A user's file, but never over what the runner knows better. */
static void user_add(struct settings *out, const char *path)
{
	struct settings user = { 0 };

	if (!settings_read(&user, path))
		complain("KVM_UNIT_TESTS_ENV=%s cannot be read", path);
	for (size_t i = 0; i < user.count; i++)
		if (!settings_get(out, user.setting[i].name, NULL))
			settings_set(out, user.setting[i].name, user.setting[i].value);
	settings_free(&user);
}

/* Which TESTs this boot is about. */
static void steering_add(const struct job *job, struct buf *out)
{
	if (job->boot.first >= 0)
		buf_printf(out, ABI_ENV_FIRST "=%d\n", job->boot.first);
	if (job->boot.only >= 0)
		buf_printf(out, ABI_ENV_ONLY "=%d\n", job->boot.only);
}

void environment_add(struct job *job, struct buf *out)
{
	const char *configured = settings_value(&job->session->config, "ENVIRON_DEFAULT");
	bool wanted = !configured || *configured == 'y';
	const char *user = getenv("KVM_UNIT_TESTS_ENV");
	struct settings all = { 0 };
	struct utsname host;

	if (uname(&host))
		snprintf(host.release, sizeof(host.release), "0");
	if (wanted)
		versions_add(job, &all, host.release);
	if (user && *user)
		user_add(&all, user);
	if (wanted)
		errata_add(job, &all, host.release);
	for (size_t i = 0; i < all.count; i++)
		buf_printf(out, "%s=%s\n", all.setting[i].name, all.setting[i].value);
	settings_free(&all);
	steering_add(job, out);
}

void environment_add_needed(struct job *job, struct buf *out)
{
	bool unread = job->plan.ours && !strcmp(job->session->target->directory, "x86");

	if (!unread || getenv("KVM_UNIT_TESTS_ENV"))
		environment_add(job, out);
	else
		steering_add(job, out);
}

bool environment_hand_over(struct job *job, struct words *argv, const char *option,
			   char *why, size_t size)
{
	struct buf text = { 0 };
	char file[32];
	int fd = -1;

	environment_add(job, &text);
	if (text.length) {
		fd = boot_file(&job->boot, text.data, text.length);
		if (fd < 0)
			snprintf(why, size, "cannot hand over the environment: %s",
				 strerror(errno));
		snprintf(file, sizeof(file), "/dev/fd/%d", fd);
		words_add(argv, option);
		words_add(argv, file);
	}
	fd = text.length ? fd : 0;
	buf_free(&text);
	return fd >= 0;
}
