/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters of the host's kernel modules, as an axis of a run. */
#include "runner/parameters.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/host_facts.h"
#include "runner/report.h"
#include "runner/session.h"
#include "runner/words.h"

/* One "MODULE.PARAMETER=VALUE". */
struct parameter {
	char *module, *name, *value;
};

/* What a parameter was before this process changed it. */
static struct parameter *originals;
static size_t original_count;
static const char *root = "/sys/module";

void parameters_root(const char *path)
{
	root = path;
}

static bool parameter_read(const char *text, size_t length, struct parameter *parameter)
{
	const char *dot = memchr(text, '.', length), *equals = memchr(text, '=', length);

	if (!dot || !equals || dot == text || equals < dot + 2 || equals + 1 == text + length)
		return false;
	*parameter = (struct parameter){
		.module = mem_text(text, dot - text),
		.name = mem_text(dot + 1, equals - dot - 1),
		.value = mem_text(equals + 1, text + length - equals - 1),
	};
	return true;
}

static void parameter_free(struct parameter *parameter)
{
	free(parameter->module);
	free(parameter->name);
	free(parameter->value);
}

static char *parameter_path(const struct parameter *parameter)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s/parameters/%s", root, parameter->module, parameter->name);
	return buf_take(&path);
}

/* Every combination of what there is with a wish's values. */
static void wish_multiply(struct words *rounds, const char *wish)
{
	const char *values = strchr(wish, '=') + 1, *value;
	int head = values - wish;
	struct words all = { 0 };

	if (!rounds->count)
		words_add(rounds, "");
	for (size_t i = 0; i < rounds->count; i++) {
		const char *rest = values;
		size_t length;

		while ((value = str_word(&rest, ",", &length))) {
			struct buf text = { 0 };

			buf_printf(&text, "%s%s%.*s%.*s", rounds->word[i],
				   *rounds->word[i] ? "," : "", head, wish, (int)length, value);
			words_add(&all, buf_text(&text));
			buf_free(&text);
		}
	}
	words_free(rounds);
	*rounds = all;
}

bool parameters_rounds(const struct words *wishes, struct words *rounds)
{
	for (size_t i = 0; i < wishes->count; i++) {
		struct parameter parameter;

		if (!parameter_read(wishes->word[i], strlen(wishes->word[i]), &parameter)) {
			complain("--param=%s: it is MODULE.PARAMETER=VALUE[,VALUE]...",
				 wishes->word[i]);
			return false;
		}
		parameter_free(&parameter);
		wish_multiply(rounds, wishes->word[i]);
	}
	return true;
}

/* The kernel says Y and N where users say 1 and 0. */
static bool same_value(const char *a, const char *b)
{
	static const char *const yes[] = { "Y", "y", "1", "on" };
	static const char *const no[] = { "N", "n", "0", "off" };
	bool a_yes = false, b_yes = false, a_no = false, b_no = false;

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		a_yes |= !strcmp(a, yes[i]);
		b_yes |= !strcmp(b, yes[i]);
		a_no |= !strcmp(a, no[i]);
		b_no |= !strcmp(b, no[i]);
	}
	return !strcmp(a, b) || (a_yes && b_yes) || (a_no && b_no);
}

static void original_keep(const struct parameter *parameter, const char *value)
{
	for (size_t i = 0; i < original_count; i++)
		if (!strcmp(originals[i].module, parameter->module) &&
		    !strcmp(originals[i].name, parameter->name))
			return;
	originals = mem_grow(originals, original_count, sizeof(*originals));
	originals[original_count++] = (struct parameter){
		mem_copy(parameter->module), mem_copy(parameter->name), mem_copy(value),
	};
}

static bool parameter_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write_all(fd, value, strlen(value));

	if (fd >= 0)
		close(fd);
	return written;
}

static bool command_run(const char *const *argv, char *why, size_t size)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], (char **)(uintptr_t)argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	snprintf(why, size, "%s %s %s failed", argv[0], argv[1], argv[2]);
	return false;
}

/* A module's name is the same with '-' and '_'; it is loaded with all that it is to have. */
static bool module_reload(const char *module, const struct parameter *all, size_t count,
			  char *why, size_t size)
{
	const char *unload[] = { "modprobe", "-r", module, NULL };
	struct words load = { 0 };
	bool good;

	words_add(&load, "modprobe");
	words_add(&load, module);
	for (size_t i = 0; i < count; i++) {
		struct buf word = { 0 };

		if (strcmp(all[i].module, module))
			continue;
		buf_printf(&word, "%s=%s", all[i].name, all[i].value);
		words_add(&load, buf_text(&word));
		buf_free(&word);
	}
	good = command_run(unload, why, size) &&
	       command_run((const char *const *)load.word, why, size);
	words_free(&load);
	return good;
}

/* Whether it holds, or can be made to without a reload. */
static bool parameter_holds(const struct parameter *parameter, char *why, size_t size)
{
	char *path = parameter_path(parameter), *have = text_file(path), *now;
	bool holds;

	if (!have) {
		snprintf(why, size, "there is no %s", path);
		free(path);
		return false;
	}
	holds = same_value(have, parameter->value);
	if (!holds) {
		original_keep(parameter, have);
		if (!access(path, W_OK) && parameter_write(path, parameter->value)) {
			now = text_file(path);
			holds = now && same_value(now, parameter->value);
			free(now);
		}
		snprintf(why, size, "%s.%s is %s, not %s", parameter->module, parameter->name, have,
			 parameter->value);
	}
	free(have);
	free(path);
	return holds;
}

static bool all_set(const struct parameter *all, size_t count, bool reload, char *why, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		if (parameter_holds(&all[i], why, size))
			continue;
		if (!reload || !strncmp(why, "there is no", 11) ||
		    !module_reload(all[i].module, all, count, why, size))
			return false;
		if (!parameter_holds(&all[i], why, size))
			return false;
	}
	return true;
}

bool parameters_set(const char *round, bool reload, char *why, size_t size)
{
	struct parameter *all = NULL;
	size_t count = 0, length;
	const char *word;
	bool good;

	while ((word = str_word(&round, ",", &length))) {
		all = mem_grow(all, count, sizeof(*all));
		if (parameter_read(word, length, &all[count]))
			count++;
	}
	good = all_set(all, count, reload, why, size);
	for (size_t i = 0; i < count; i++)
		parameter_free(&all[i]);
	free(all);
	return good;
}

void parameters_restore(bool reload)
{
	char why[300];

	if (original_count && !all_set(originals, original_count, reload, why, sizeof(why)))
		complain("parameters could not be put back: %s", why);
	for (size_t i = 0; i < original_count; i++)
		parameter_free(&originals[i]);
	free(originals);
	originals = NULL;
	original_count = 0;
}
