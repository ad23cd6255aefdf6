/* SPDX-License-Identifier: BSD-2-Clause */
/* Which cases run, and the jobs that they become. */
#include "runner/select.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/arch.h"
#include "runner/cfg.h"
#include "runner/job.h"
#include "runner/session.h"

#define DEFAULT_TIMEOUT "90s"

static bool is_named(const struct selection *selection, const char *name)
{
	for (size_t i = 0; i < selection->count; i++)
		if (!strcmp(selection->names[i], name))
			return true;
	return false;
}

bool select_in_group(const struct cfg_case *one, const char *group)
{
	const char *groups = one->groups, *word;
	size_t length;

	while (groups && (word = str_word(&groups, " \t", &length)))
		if (str_same(word, length, group))
			return true;
	return false;
}

bool select_case(const struct selection *selection, const struct cfg_case *one)
{
	if (selection->count && !is_named(selection, one->name))
		return false;
	return !selection->group || select_in_group(one, selection->group);
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

static bool may_run(struct job *job, const struct selection *selection)
{
	const struct cfg_case *one = job->cfg;
	const char *machine = environment("MACHINE");
	const char *check = environment("CHECK");

	if (select_in_group(one, "nodefault") && !selection->all && !selection->group &&
	    !is_named(selection, one->name))
		job_decide(job, VERDICT_SKIP, "test marked as manual run only");
	else if (one->arch && strcmp(one->arch, job->session->target->name))
		job_decide(job, VERDICT_SKIP, "%s only", one->arch);
	else if (one->machine && machine && strcmp(one->machine, machine))
		job_decide(job, VERDICT_SKIP, "%s only", one->machine);
	else if (one->disabled_if && shell_true(one->disabled_if, &job->session->config))
		job_decide(job, VERDICT_SKIP, "disabled because: %s", one->disabled_if);
	else
		return check_holds(job, check ? check : one->check);
	return false;
}

/* Words that a shell makes of a value, as they are. */
static bool add_value(struct job *job, const char *value)
{
	char why[400];

	if (!value || words_evaluate(&job->options, value, &job->session->config, why,
				     sizeof(why)))
		return true;
	job_decide(job, VERDICT_ERROR, "error: %s", why);
	return false;
}

static bool add_option(struct job *job, const char *option, const char *value)
{
	if (!value)
		return true;
	words_add(&job->options, option);
	return add_value(job, value);
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

static bool options_make(struct job *job)
{
	const struct cfg_case *one = job->cfg;

	return add_option(job, "-smp", one->smp && *one->smp ? one->smp : "1") &&
	       add_option(job, "-cpu", one->cpu) && add_option(job, "-m", one->memory) &&
	       add_devices(job, one->devices) &&
	       add_option(job, "-append", one->test_args && *one->test_args ?
			  one->test_args : NULL) &&
	       add_value(job, one->qemu_params);
}

struct job *select_job(struct session *session, const struct selection *selection,
		       const struct cfg_case *one)
{
	const char *timeout = environment("TIMEOUT");
	struct job *job = mem_new(sizeof(*job));

	if (!timeout)
		timeout = one->timeout && *one->timeout ? one->timeout : DEFAULT_TIMEOUT;
	job->session = session;
	job->wanted = session->wanted;
	job->cfg = one;
	job->name = mem_copy(one->name);
	job->file = mem_copy(one->file ? one->file : "");
	job->image = session_image(session, job->file);
	job->timeout = mem_copy(timeout);
	if (!may_run(job, selection))
		return job;
	if (!*job->file)
		job_decide(job, VERDICT_ERROR, "error: the case names no file");
	else if (!duration_ns(timeout, &job->timeout_ns))
		job_decide(job, VERDICT_ERROR, "error: '%s' is no duration", timeout);
	else if (options_make(job))
		job_set_up(job);
	return job;
}

static bool is_mentioned(const struct cfg *cfg, const char *file)
{
	for (size_t i = 0; i < cfg->count; i++)
		if (cfg->cases[i].file && !strcmp(cfg->cases[i].file, file))
			return true;
	return false;
}

void select_defaults(const struct session *session, struct cfg *cfg)
{
	char *directory = session_image(session, ".");
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		const char *file = entries[i]->d_name, *suffix = session->target->suffix;
		size_t length = strlen(file), tail = strlen(suffix);
		char *path = session_image(session, file), why[600];
		struct plan plan = { 0 };

		if (length > tail && !strcmp(file + length - tail, suffix) &&
		    !is_mentioned(cfg, file) &&
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
	free(directory);
}
