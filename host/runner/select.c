/* SPDX-License-Identifier: BSD-2-Clause */
/* Which cases run, and the jobs that they become. */
#include "runner/select.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "runner/arch.h"
#include "runner/cfg.h"
#include "runner/efi.h"
#include "runner/job.h"
#include "runner/session.h"
#include "runner/units.h"

#define DEFAULT_TIMEOUT "90s"

bool select_in_group(const struct cfg_case *one, const char *group)
{
	const char *groups = one->groups, *word;
	size_t length;

	while (groups && (word = str_word(&groups, " \t", &length)))
		if (str_same(word, length, group))
			return true;
	return false;
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* "PATH=VALUE" words: each a file whose whole content is the value. */
static bool check_holds(struct job *job, const char *check)
{
	const char *word;
	size_t length;

	while (check && (word = str_word(&check, " \t", &length))) {
		char *path = mem_text(word, length), *value = strchr(path, '='), *text = NULL;
		struct stat info;
		size_t size = 0;
		bool holds;

		if (value)
			*value++ = '\0';
		if (value && !stat(path, &info) && S_ISREG(info.st_mode))
			text = file_read(path, &size);
		while (text && size && text[size - 1] == '\n')
			text[--size] = '\0';
		holds = text && !strcmp(text, value);
		if (!holds)
			job_decide(job, VERDICT_SKIP, "%s not equal to %s", path,
				   value ? value : "");
		free(text);
		free(path);
		if (!holds)
			return false;
	}
	return true;
}

/* Protection needs a host that has been set up for it when Flatbed was built. */
static bool may_be_protected(struct job *job)
{
	const struct settings *config = &job->session->config;
	size_t length = strlen(job->name);
	struct stat info;

	if (select_in_group(job->cfg, "pv-host") && !*settings_get(config, "GEN_SE_HEADER", ""))
		job_decide(job, VERDICT_SKIP, "no gen-se-header available for pv-host test");
	else if (length > 3 && !strcmp(job->name + length - 3, "_PV") && stat(job->image, &info))
		job_decide(job, VERDICT_SKIP, "PVM image was not created");
	else
		return true;
	return false;
}

static bool is_disabled(const struct job *job)
{
	const struct cfg_case *one = job->cfg;
	struct buf name = { 0 };
	bool is;

	if (!one->disabled_if)
		return false;
	buf_printf(&name, "%s:%u: disabled_if", one->path ? one->path : one->name, one->line);
	is = shell_true(one->disabled_if, buf_text(&name), &job->session->config);
	buf_free(&name);
	return is;
}

static bool may_run(struct job *job, const struct select_options *options)
{
	const struct cfg_case *one = job->cfg;
	const char *machine = environment("MACHINE"), *check = environment("CHECK");

	if (!may_be_protected(job))
		return false;
	if (select_in_group(one, "nodefault") && !options->all && !options->grouped &&
	    !options->named)
		job_decide(job, VERDICT_SKIP, "test marked as manual run only");
	else if (one->arch && strcmp(one->arch, job->session->target->name))
		job_decide(job, VERDICT_SKIP, "%s only", one->arch);
	else if (one->machine && machine && strcmp(one->machine, machine))
		job_decide(job, VERDICT_SKIP, "%s only", one->machine);
	else if (is_disabled(job))
		job_decide(job, VERDICT_SKIP, "disabled because: %s", one->disabled_if);
	else
		return check_holds(job, check ? check : one->check);
	return false;
}

/* Words that a shell makes of a value, as they are. */
static bool add_words(struct job *job, struct words *words, const char *value)
{
	char why[400];

	if (words_evaluate(words, value, &job->session->config, why, sizeof(why)))
		return true;
	job_decide(job, VERDICT_ERROR, "error: %s", why);
	return false;
}

static bool add_value(struct job *job, const char *value)
{
	return !value || add_words(job, &job->options, value);
}

static bool add_option(struct job *job, const char *option, const char *value)
{
	if (!value)
		return true;
	words_add(&job->options, option);
	return add_value(job, value);
}

/* A number, behind which QEMU's words may stand, or those alone: "cpus=2,threads=2". */
static bool add_cpus(struct job *job)
{
	const char *value = job->cfg->smp && *job->cfg->smp ? job->cfg->smp : "1", *word;
	size_t at = job->options.count + 1, length;

	if (!add_option(job, "-smp", value))
		return false;
	word = at < job->options.count ? job->options.word[at] : "";
	length = strcspn(word, ",");
	if (memchr(word, '=', length) ||
	    (strspn(word, "0123456789") == length && strtoul(word, NULL, 10)))
		return true;
	job_decide(job, VERDICT_ERROR, "error: smp = %s: it is a number of CPUs from 1", value);
	return false;
}

static bool add_memory(struct job *job)
{
	size_t at = job->options.count + 1;
	uint64_t bytes;

	if (!job->cfg->memory)
		return true;
	if (!add_option(job, "-m", job->cfg->memory))
		return false;
	if (at + 1 == job->options.count && str_bytes(job->options.word[at], &bytes))
		return true;
	job_decide(job, VERDICT_ERROR, "error: memory = %s: it is a size, as 256M or 2G",
		   job->cfg->memory);
	return false;
}

static bool add_devices(struct job *job, const char *devices)
{
	struct words words = { 0 };

	if (devices && !words_split(&words, devices)) {
		job_decide(job, VERDICT_ERROR, "error: a quote is left open in: %s", devices);
		words_free(&words);
		return false;
	}
	for (size_t i = 0; i < words.count; i++)
		machine_device_option(&job->options, words.word[i]);
	words_free(&words);
	return true;
}

/* With kvmtool, options in QEMU's words count for nothing. */
static bool options_make(struct job *job)
{
	const struct cfg_case *one = job->cfg;
	bool kvmtool = job->wanted == VMM_KVMTOOL;

	return add_cpus(job) && add_option(job, "-cpu", one->cpu) && add_memory(job) &&
	       add_devices(job, one->devices) &&
	       add_option(job, "-append", one->test_args && *one->test_args ?
			  one->test_args : NULL) &&
	       add_value(job, kvmtool ? NULL : one->qemu_params) &&
	       (!kvmtool || !one->kvmtool_params ||
		add_words(job, &job->kvmtool_options, one->kvmtool_params));
}

bool select_by_shell(const struct cfg_case *one)
{
	const char *const values[] = {
		one->smp, one->cpu, one->memory, one->test_args, one->qemu_params,
		one->kvmtool_params,
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (values[i] && words_need_shell(values[i]))
			return true;
	return false;
}

const char *case_timeout(const struct cfg_case *one)
{
	const char *timeout = environment("TIMEOUT");

	return timeout ? timeout : one->timeout && *one->timeout ? one->timeout : DEFAULT_TIMEOUT;
}

/* The duration as it was written, unless it is stretched. */
static bool timeout_set(struct job *job, const struct select_options *options)
{
	const char *timeout = case_timeout(job->cfg);
	struct buf text = { 0 };

	job->timeout = mem_copy(timeout);
	if (!duration_ns(timeout, &job->timeout_ns)) {
		job_decide(job, VERDICT_ERROR, "error: '%s' is no duration", timeout);
		return false;
	}
	if (!job->timeout_ns || (options->timeout_scale == 1 && !efi_is(job->image)))
		return true;
	job->timeout_ns *= options->timeout_scale;
	if (efi_is(job->image))
		job->timeout_ns += EFI_TIMEOUT_NS;
	buf_printf(&text, "%gs", job->timeout_ns / 1e9);
	free(job->timeout);
	job->timeout = buf_take(&text);
	return true;
}

static bool is_yes(const char *value)
{
	return value && (!strcasecmp(value, "y") || !strcasecmp(value, "yes") ||
			 !strcmp(value, "1"));
}

/* EFI trees have other images than their cases name. */
static char *file_of(const struct session *session, const struct cfg_case *one)
{
	const char *file = one->file ? one->file : "", *dot = strrchr(file, '.');
	struct buf name = { 0 };

	if (*settings_get(&session->config, "CONFIG_EFI", "") != 'y' || !dot ||
	    strcmp(dot, ".flat"))
		return mem_copy(file);
	buf_add(&name, file, dot - file);
	buf_puts(&name, ".efi");
	return buf_take(&name);
}

/* A case of a file that the user names may have its image beside that file. */
static char *image_of(const struct session *session, const struct cfg_case *one,
		      const char *file)
{
	char *image = session_image(session, file);
	const char *slash = one->path ? strrchr(one->path, '/') : NULL;
	struct buf beside = { 0 };

	if (!slash || *file == '/' || !access(image, F_OK))
		return image;
	buf_printf(&beside, "%.*s/%s", (int)(slash - one->path), one->path, file);
	if (access(buf_text(&beside), F_OK)) {
		buf_free(&beside);
		return image;
	}
	free(image);
	return buf_take(&beside);
}

struct job *select_job(struct unit *unit, const struct select_options *options,
		       const char *label)
{
	const struct cfg_case *one = unit->one;
	struct session *session = unit->site->session;
	struct job *job = mem_new(sizeof(*job));

	job->session = session;
	job->unit = unit;
	job->cfg = one;
	job->wanted = unit->vmm->choice;
	job->command_template = unit->vmm->template;
	job->name = mem_copy(one->name);
	job->label = mem_copy(label);
	job->attempt = unit->attempt;
	job->only = mem_copy(unit->tests);
	job->alone = is_yes(one->alone);
	job->file = file_of(session, one);
	job->image = image_of(session, one, job->file);
	if (!timeout_set(job, options) || !may_run(job, options))
		return job;
	if (!*job->file)
		job_decide(job, VERDICT_ERROR, "error: the case names no file");
	else if (options_make(job))
		job_set_up(job);
	return job;
}

/* Programs of the host's: each is a case of group api, on the machine that runs it. */
static void select_programs(const struct session *session, struct cfg *cfg)
{
	struct dirent **entries;
	struct buf directory = { 0 };
	int count;

	if (strcmp(session->arch, session->configured_arch) || !arch_runs_here(session->target))
		return;
	buf_printf(&directory, "%sapi", session->tree);
	count = scandir(buf_text(&directory), &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		const char *file = entries[i]->d_name, *dot = strrchr(file, '.');
		struct buf text = { 0 };
		struct cfg_case *one;

		if (dot && !strcmp(dot, ".host")) {
			buf_printf(&text, "api_%.*s", (int)(dot - file), file);
			one = cfg_add(cfg, buf_text(&text));
			one->groups = mem_copy("api");
			text.length = 0;
			buf_printf(&text, "../api/%s", file);
			one->file = buf_take(&text);
		}
		buf_free(&text);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	buf_free(&directory);
}

void select_defaults(const struct session *session, struct cfg *cfg)
{
	char *directory = session_image(session, ".");
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);
	struct map files = { 0 };

	for (size_t i = 0; i < cfg->count; i++)
		if (cfg->cases[i].file)
			map_at(&files, cfg->cases[i].file);
	for (int i = 0; i < count; i++) {
		const char *file = entries[i]->d_name, *suffix = session->target->suffix;
		size_t length = strlen(file), tail = strlen(suffix);
		char *path = session_image(session, file), why[600];
		struct plan plan = { 0 };

		if (length > tail && !strcmp(file + length - tail, suffix) &&
		    !map_find(&files, file) &&
		    plan_read(&plan, path, why, sizeof(why)) == PLAN_OK && plan.ours) {
			char *name = mem_text(file, length - tail);

			cfg_add(cfg, name)->file = mem_copy(file);
			free(name);
		}
		plan_free(&plan);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	map_free(&files);
	free(directory);
	select_programs(session, cfg);
}

static char *protected_file(const char *file)
{
	const char *dot = strrchr(file, '.');
	struct buf name = { 0 };

	buf_add(&name, file, dot ? (size_t)(dot - file) : strlen(file));
	buf_puts(&name, ".pv.bin");
	return buf_take(&name);
}

static void text_take(char **field, struct buf *text)
{
	free(*field);
	*field = buf_take(text);
}

/* Neither TCG nor migration know protection. */
static bool has_protected(const struct cfg_case *one)
{
	const char *accel = environment("ACCEL");

	return !accel_is(accel ? accel : one->accel, "tcg") &&
	       !select_in_group(one, "migration") && one->file;
}

void select_protected(const struct session *session, struct cfg *cfg)
{
	struct cfg all = { .paths = cfg->paths, .path_count = cfg->path_count };

	if (strcmp(session->target->name, "s390x") ||
	    !*settings_get(&session->config, "HOST_KEY_DOCUMENT", ""))
		return;
	for (size_t i = 0; i < cfg->count; i++) {
		struct cfg_case *twin;
		struct buf text = { 0 };

		all.cases = mem_grow(all.cases, all.count, sizeof(*all.cases));
		all.cases[all.count++] = cfg->cases[i];
		if (!has_protected(&cfg->cases[i]))
			continue;
		twin = cfg_copy(&all, all.count - 1);
		buf_printf(&text, "%s_PV", twin->name);
		text_take(&twin->name, &text);
		buf_printf(&text, "%s pv", twin->groups ? twin->groups : "");
		text_take(&twin->groups, &text);
		buf_puts(&text, twin->file);
		free(twin->file);
		twin->file = protected_file(buf_text(&text));
		buf_free(&text);
	}
	free(cfg->cases);
	*cfg = all;
}
