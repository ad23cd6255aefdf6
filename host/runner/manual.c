/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flatbed manual: fills the tables into a manual page.  A line ".\" @WHAT@" of the
 * page becomes what the runner knows of WHAT, so that nothing is written twice.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/cfg.h"
#include "runner/known.h"
#include "runner/options.h"
#include "runner/session.h"
#include "vmm/command.h"

#define MARK	".\\\" @"

/* Text as troff takes it: no line begins with its commands, no sign is its own. */
static void text_put(const char *text)
{
	bool first = true;

	for (; *text; text++, first = false) {
		if (first && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\'')
			fputs("\\(aq", stdout);
		else if (*text == '^')
			fputs("\\(ha", stdout);
		else if (*text == '~')
			fputs("\\(ti", stdout);
		else if (*text == '`')
			fputs("\\(ga", stdout);
		else if (*text == '\n')
			fputc(' ', stdout);
		else if (!strncmp(text, "…", strlen("…"))) {
			fputs("...", stdout);
			text += strlen("…") - 1;
		} else {
			fputc(*text, stdout);
		}
	}
}

/* A sentence: tables have none of its capital, and no full stop. */
static void sentence_put(const char *text)
{
	char first[2] = { toupper((unsigned char)*text), '\0' };
	size_t length = strlen(text), end = strcspn(text, " :,");
	bool word = isupper((unsigned char)text[0]) || text[end] == ':' || text[end] == ',';
	bool ended = length >= 3 && !strcmp(text + length - 3, "…");

	if (word) {
		text_put(text);
	} else {
		text_put(first);
		text_put(text + 1);
	}
	fputs(ended ? "\n" : ".\n", stdout);
}

static void bold_put(const char *text)
{
	fputs("\\fB", stdout);
	text_put(text);
	fputs("\\fR", stdout);
}

static void row_put(const struct option_row *row)
{
	char letter[3] = { '-', row->letter, '\0' };
	struct buf name = { 0 };

	fputs(".TP\n", stdout);
	if (row->letter) {
		bold_put(letter);
		fputs(", ", stdout);
	}
	buf_printf(&name, "--%s%s", row->name, row->argument ? "=" : "");
	bold_put(buf_text(&name));
	if (row->argument) {
		fputs("\\fI", stdout);
		text_put(row->argument);
		fputs("\\fR", stdout);
	}
	fputs("\n", stdout);
	sentence_put(row->help);
	buf_free(&name);
}

static void groups_put(const struct command *command, const char *heading)
{
	for (size_t g = 0; command->groups && command->groups[g]; g++) {
		const struct option_group *group = command->groups[g];

		if (*heading)
			printf("%s %s\n", heading, group->title);
		for (size_t i = 0; i < group->count; i++)
			row_put(&group->rows[i]);
	}
}

static void vm_options_put(void)
{
	size_t count;
	const struct vm_option *options = vm_options(&count);

	for (size_t i = 0; i < count; i++) {
		fputs(".TP\n", stdout);
		bold_put(options[i].name);
		if (options[i].argument) {
			fputs(options[i].argument[0] == '[' ? "\\fI" : " \\fI", stdout);
			text_put(options[i].argument);
			fputs("\\fR", stdout);
		}
		fputs("\n", stdout);
		sentence_put(options[i].help);
	}
}

static void texts_put(const struct text_row *rows)
{
	for (; rows && rows->name; rows++) {
		fputs(".TP\n", stdout);
		bold_put(rows->name);
		fputs("\n", stdout);
		sentence_put(rows->text);
	}
}

static void commands_put(void)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *command = commands[i];

		printf(".SS ");
		text_put("flatbed ");
		text_put(command->name);
		fputs(" ", stdout);
		text_put(command->operands);
		fputs("\n", stdout);
		sentence_put(command->text);
		if (command->alias) {
			fputs("See\n.BR ", stdout);
			text_put(command->alias);
			fputs(" (1)\nfor its options.\n", stdout);
			continue;
		}
		groups_put(command, "");
		if (!strcmp(command->name, "vm"))
			vm_options_put();
		if (command->statuses)
			fputs(".PP\nIt exits with\n", stdout);
		texts_put(command->statuses);
	}
}

static void keys_put(void)
{
	static const struct text_row keys[] = {
#define KEY_ROW(key, meaning) { #key, meaning },
		CFG_KEYS(KEY_ROW)
#undef KEY_ROW
		{ NULL, NULL }
	};

	texts_put(keys);
}

/* "options suite", "keys"; false if the runner knows nothing of it. */
static bool table_put(const char *what, const char *name)
{
	const struct command *command = command_find(name);

	if (!strcmp(what, "commands"))
		commands_put();
	else if (!strcmp(what, "keys"))
		keys_put();
	else if (!strcmp(what, "known-keys"))
		texts_put(known_keys);
	else if (!strcmp(what, "options") && command)
		groups_put(command, ".SS");
	else if (!strcmp(what, "variables") && command)
		texts_put(command->variables);
	else if (!strcmp(what, "statuses") && command)
		texts_put(command->statuses);
	else
		return false;
	return true;
}

static int page_put(const char *path)
{
	FILE *page = fopen(path, "re");
	char *line = NULL, what[64], name[64];
	size_t room = 0;
	int number = 0, status = 0;

	if (!page) {
		complain("%s: %s", path, strerror(errno));
		return 2;
	}
	while (getline(&line, &room, page) > 0) {
		number++;
		*name = '\0';
		if (strncmp(line, MARK, strlen(MARK)) ||
		    sscanf(line + strlen(MARK), "%63[a-z-] %63[a-z-]", what, name) < 1) {
			fputs(line, stdout);
		} else if (!table_put(what, name)) {
			complain("%s:%d: there is no table '%s %s'", path, number, what, name);
			status = 2;
		}
	}
	free(line);
	fclose(page);
	return status;
}

static int manual_run(const char *program, int argc, char **argv)
{
	int first, status = options_read(&manual_command, NULL, argc, argv, &first);

	(void)program;
	if (status != OPTIONS_GO_ON)
		return status;
	if (argc - first != 1) {
		usage_print(&manual_command, stderr);
		return 2;
	}
	return page_put(argv[first]);
}

const struct command manual_command = {
	.name = "manual", .operands = "PAGE", .run = manual_run,
	.text = "fill the tables of options into a manual page (docs/man), on standard output",
};
