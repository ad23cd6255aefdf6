/* SPDX-License-Identifier: BSD-2-Clause */
/* Which cases a suite has: of which tree, which architectures, which files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/arch.h"
#include "runner/suite.h"

/* In config.mak they win, as where it was sourced by a shell. */
static const char *const from_config[] = {
	"QEMU", "ACCEL", "MACHINE", "TIMEOUT", "CHECK", "MAX_SMP", "KVMTOOL", "KVM_UNIT_TESTS_ENV",
	"BOCHS", "EL2", "TARGET_CPU_OVERRIDE", "MACHINE_OVERRIDE", "FIRMWARE_OVERRIDE",
};

static void quiet(const char *message)
{
	(void)message;
}

/* A file that need not be there; returns whether it was read. */
static bool file_take(struct suite *suite, struct site *site, const char *path,
		      enum cfg_mode mode)
{
	if (cfg_read(&site->cfg, path, mode, suite->list ? quiet : complain_line))
		return true;
	if (errno != ENOENT)
		complain("%s: %s", path, strerror(errno));
	return false;
}

static bool cases_read(struct suite *suite, struct site *site)
{
	struct session *session = site->session;
	struct buf path = { 0 };
	bool good = true;

	buf_printf(&path, "%s/unittests.cfg", session->test_dir);
	file_take(suite, site, buf_text(&path), CFG_ADD);
	/* What all architectures share, unless one says it in another way. */
	file_take(suite, site, "unittests.cfg", CFG_FILL);
	for (size_t i = 0; i < suite->cfg_count; i++) {
		errno = 0;
		if (!file_take(suite, site, suite->cfgs[i], CFG_OVERLAY)) {
			if (errno == ENOENT)
				complain("%s: %s", suite->cfgs[i], strerror(errno));
			good = false;
		}
	}
	select_defaults(session, &site->cfg);
	select_protected(session, &site->cfg);
	if (!site->cfg.count) {
		complain("%s has no cases, and there is no image in %s; run make",
			 buf_text(&path), session->test_dir);
		good = false;
	}
	buf_free(&path);
	return good;
}

/* Whether an architecture's images have been built. */
static bool is_built(const struct session *session, const char *arch)
{
	struct buf path = { 0 };
	bool built;

	buf_printf(&path, "build/%s/%s", arch, arch_find(arch)->directory);
	built = !strcmp(arch, session->configured_arch) || !access(buf_text(&path), F_OK);
	buf_free(&path);
	return built;
}

static void site_add(struct suite *suite, struct session *session)
{
	suite->sites = mem_grow(suite->sites, suite->site_count, sizeof(*suite->sites));
	suite->sites[suite->site_count++] = (struct site){ .session = session };
}

static bool site_named(struct suite *suite, const char *program, char *arch)
{
	struct session *session = &suite->session;

	if (!arch_find(arch)) {
		complain("there is no architecture '%s'", arch);
		return false;
	}
	if (suite->site_count) {
		session = mem_new(sizeof(*session));
		session->elsewhere = suite->tree;
		session_start(session, program, arch);
	} else {
		session_target(session, arch);
	}
	site_add(suite, session);
	return true;
}

static bool sites_make(struct suite *suite, const char *program)
{
	const char *names = suite->arch, *word;
	size_t length;

	if (!names) {
		site_add(suite, &suite->session);
		return true;
	}
	if (!strcmp(names, "all")) {
		for (const struct arch *arch = arch_next(NULL); arch; arch = arch_next(arch))
			if (is_built(&suite->session, arch->name))
				site_named(suite, program, mem_copy(arch->name));
		return true;
	}
	while ((word = str_word(&names, ", ", &length)))
		if (!site_named(suite, program, mem_text(word, length)))
			return false;
	return suite->site_count;
}

/* Another tree is where all names are relative to, but for logs. */
static bool tree_enter(const char *tree)
{
	const char *directory = getenv("unittest_log_dir");
	char *here = getcwd(NULL, 0);
	struct buf path = { 0 };

	if (!here || chdir(tree)) {
		complain("--tests=%s: %s", tree, strerror(errno));
		free(here);
		return false;
	}
	directory = directory && *directory ? directory : "logs";
	if (*directory != '/')
		buf_printf(&path, "%s/", here);
	buf_puts(&path, directory);
	setenv("unittest_log_dir", buf_text(&path), 1);
	buf_free(&path);
	free(here);
	return true;
}

static void config_export(const struct settings *config)
{
	for (size_t i = 0; i < sizeof(from_config) / sizeof(*from_config); i++) {
		const char *value = settings_get(config, from_config[i], NULL);

		if (value)
			setenv(from_config[i], value, 1);
	}
}

int suite_read(struct suite *suite, const char *program)
{
	if (suite->tree && !tree_enter(suite->tree))
		return 2;
	suite->session.elsewhere = suite->tree;
	if (!session_start(&suite->session, program, NULL)) {
		printf("run ./configure && make first. See ./configure -h\n");
		return 1;
	}
	config_export(&suite->session.config);
	if (!sites_make(suite, program))
		return 2;
	for (size_t i = 0; i < suite->site_count; i++)
		if (!cases_read(suite, &suite->sites[i]))
			return 2;
	return OPTIONS_GO_ON;
}
