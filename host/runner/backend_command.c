/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM of the user's: a command with places for what a machine is.  It prints
 * the guest's console, and leaves as QEMU does with its debug-exit device; or
 * with 0, and then the image's line says the status.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/backend.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"

/* What stands for what in a template. */
enum place { PLACE_IMAGE, PLACE_CPUS, PLACE_MEMORY, PLACE_APPEND, PLACE_CPU, PLACE_ENVIRONMENT,
	     PLACE_NAME, PLACE_OPTIONS, PLACE_COUNT };

static const char *const places[PLACE_COUNT] = {
	[PLACE_IMAGE] = "{image}", [PLACE_CPUS] = "{cpus}", [PLACE_MEMORY] = "{memory}",
	[PLACE_APPEND] = "{append}", [PLACE_CPU] = "{cpu}",
	[PLACE_ENVIRONMENT] = "{environment}", [PLACE_NAME] = "{name}",
	[PLACE_OPTIONS] = "{options}",
};

static void place_add(struct job *job, enum place place, struct buf *out)
{
	const struct machine *machine = &job->machine;

	switch (place) {
	case PLACE_IMAGE:
		buf_puts(out, job->image);
		break;
	case PLACE_CPUS:
		buf_printf(out, "%u", machine->cpus);
		break;
	case PLACE_MEMORY:
		buf_printf(out, "%llu", (unsigned long long)machine->memory >> 20);
		break;
	case PLACE_APPEND:
		buf_puts(out, machine->append ? machine->append : "");
		break;
	case PLACE_CPU:
		buf_puts(out, machine->cpu ? machine->cpu : "");
		break;
	case PLACE_ENVIRONMENT:
		if (job->boot.file_count)
			buf_printf(out, "/dev/fd/%d", job->boot.files[0]);
		else
			buf_puts(out, "ENVIRONMENT");
		break;
	case PLACE_NAME:
		buf_puts(out, job->name);
		break;
	case PLACE_OPTIONS:
	case PLACE_COUNT:
		break;
	}
}

/* "{options}" alone is all of them, each a word of its own. */
static void word_add(struct job *job, const char *word, struct words *argv)
{
	struct buf out = { 0 };

	if (!strcmp(word, places[PLACE_OPTIONS])) {
		for (size_t i = 0; i < job->options.count; i++)
			words_add(argv, job->options.word[i]);
		return;
	}
	while (*word) {
		enum place place = 0;

		while (place < PLACE_COUNT && strncmp(word, places[place], strlen(places[place])))
			place++;
		if (place < PLACE_COUNT) {
			place_add(job, place, &out);
			word += strlen(places[place]);
		} else {
			buf_add(&out, word++, 1);
		}
	}
	words_add(argv, buf_text(&out));
	buf_free(&out);
}

static void command_words(struct job *job, struct words *argv)
{
	struct words template = { 0 };

	words_split(&template, job->command_template);
	for (size_t i = 0; i < template.count; i++)
		word_add(job, template.word[i], argv);
	words_free(&template);
}

static bool command_usable(const char *template, char *why, size_t size)
{
	struct words words = { 0 };
	char *path = NULL;
	bool found;

	if (!words_split(&words, template) || !words.count)
		snprintf(why, size, "command:%s is no command", template);
	else if (!strstr(template, places[PLACE_IMAGE]))
		snprintf(why, size, "command:%s has no {image}", template);
	else if (!(path = program_find(words.word[0])))
		snprintf(why, size, "command:%s: %s is no program", template, words.word[0]);
	words_free(&words);
	found = path;
	free(path);
	return found;
}

static int command_refuses(struct job *job, char *why, size_t size)
{
	/* Without a place for options, what only they say cannot be had. */
	if (job->machine.foreign && !strstr(job->command_template, places[PLACE_OPTIONS])) {
		snprintf(why, size, "the command has no place for '%s'", job->machine.foreign);
		return 1;
	}
	return 0;
}

static bool command_start(struct job *job, char *why, size_t size)
{
	struct buf environment = { 0 };
	struct words argv = { 0 };
	bool started = true;

	environment_add(job, &environment);
	if (strstr(job->command_template, places[PLACE_ENVIRONMENT]) &&
	    boot_file(&job->boot, environment.data, environment.length) < 0) {
		snprintf(why, size, "cannot hand over the environment: %s", strerror(errno));
		started = false;
	}
	command_words(job, &argv);
	if (started)
		started = boot_spawn(&job->boot, &argv, why, size);
	words_free(&argv);
	buf_free(&environment);
	return started;
}

/* What it may refuse is not known. */
static bool is_refusal(const struct boot *boot, const char *text)
{
	(void)boot;
	(void)text;
	return false;
}

static void command_finish(struct job *job, int status, struct ending *ending)
{
	program_finish(job, status, is_refusal, ending);
}

static void command_command(struct job *job, struct buf *out)
{
	struct words argv = { 0 };

	command_words(job, &argv);
	words_line(out, &argv);
	words_free(&argv);
}

const struct backend backend_command = {
	.name = "command", .starts_efi = true, .usable = command_usable, .refuses = command_refuses,
	.start = command_start, .finish = command_finish,
	.command = command_command, .stop_signal = SIGTERM,
	.tells_status = true,
};
