/* SPDX-License-Identifier: BSD-2-Clause */
/* Command lines and usage texts from the tables of options. */
#include "runner/options.h"

#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define FIRST_VALUE	256	/* getopt's values from here on are indices of rows */
#define HELP_VALUE	255
#define TEXT_COLUMN	24

/* What getopt_long() is given. */
struct reader {
	struct option *options;
	size_t count;
	const struct option_row **rows;	/* by value - FIRST_VALUE */
	size_t row_count;
	struct buf letters;
};

static int has_argument(const struct option_row *row)
{
	return !row->argument ? no_argument : row->optional ? optional_argument :
		required_argument;
}

static void option_add(struct reader *reader, const char *name, int argument, int value)
{
	reader->options = mem_grow(reader->options, reader->count, sizeof(*reader->options));
	reader->options[reader->count++] = (struct option){
		.name = name, .has_arg = argument, .val = value,
	};
}

static const struct option_row *row_of(const struct reader *reader, int value)
{
	return value < FIRST_VALUE ? NULL : reader->rows[value - FIRST_VALUE];
}

static void rows_add(struct reader *reader, const struct command *command)
{
	for (size_t g = 0; command->groups && command->groups[g]; g++) {
		const struct option_group *group = command->groups[g];

		for (size_t i = 0; i < group->count; i++) {
			const struct option_row *row = &group->rows[i];

			reader->rows = mem_grow(reader->rows, reader->row_count,
						sizeof(*reader->rows));
			reader->rows[reader->row_count++] = row;
			option_add(reader, row->name, has_argument(row),
				   FIRST_VALUE + reader->row_count - 1);
			if (row->letter)
				buf_printf(&reader->letters, "%c%s", row->letter,
					   row->argument ? ":" : "");
		}
	}
}

/* Whether an abbreviation would mean this option, but for options that came later. */
static bool was_clear(const struct reader *reader, const struct option_row *row, size_t length)
{
	bool contested = false;

	if (!strncmp(row->name, "help", length))
		return false;
	for (size_t i = 0; i < reader->row_count; i++) {
		const struct option_row *other = reader->rows[i];

		if (other == row || strncmp(other->name, row->name, length))
			continue;
		if (other->classic || !other->name[length])
			return false;
		contested = true;
	}
	return contested;
}

/*
 * getopt takes an abbreviation that fits two options for ambiguous.  What meant
 * a classic option before others came is made a name of its own.
 */
static void abbreviations_add(struct reader *reader)
{
	for (size_t i = 0; i < reader->row_count; i++) {
		const struct option_row *row = reader->rows[i];

		for (size_t length = 1; row->classic && length < strlen(row->name); length++)
			if (was_clear(reader, row, length))
				option_add(reader, mem_text(row->name, length),
					   has_argument(row), FIRST_VALUE + i);
	}
}

static void reader_free(struct reader *reader)
{
	for (size_t i = 0; i < reader->count; i++) {
		const struct option_row *row = row_of(reader, reader->options[i].val);

		if (row && reader->options[i].name != row->name)
			free((char *)(uintptr_t)reader->options[i].name);
	}
	free(reader->options);
	free(reader->rows);
	buf_free(&reader->letters);
}

static int row_take(const struct option_row *row, void *context, const char *value)
{
	char *field = (char *)context + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		break;
	case OPTION_TEXT:
		memcpy(field, &value, sizeof(value));
		break;
	case OPTION_CALL:
		return row->take(context, value);
	}
	return OPTIONS_GO_ON;
}

int options_read(const struct command *command, void *context, int argc, char **argv,
		 int *first)
{
	struct reader reader = { 0 };
	int value, status = OPTIONS_GO_ON;
	char *name = argv[0];

	buf_puts(&reader.letters, command->operands_first ? "+h" : "h");
	option_add(&reader, "help", no_argument, HELP_VALUE);
	rows_add(&reader, command);
	abbreviations_add(&reader);
	option_add(&reader, NULL, no_argument, 0);
	/* getopt's messages begin with it. */
	argv[0] = (char *)(uintptr_t)(command->alias ? command->alias : command->name);
	optind = 0;
	while (status == OPTIONS_GO_ON &&
	       (value = getopt_long(argc, argv, buf_text(&reader.letters), reader.options,
				    NULL)) >= 0) {
		const struct option_row *row = row_of(&reader, value);

		for (size_t i = 0; !row && i < reader.row_count; i++)
			if (reader.rows[i]->letter == value)
				row = reader.rows[i];
		if (row) {
			status = row_take(row, context, optarg);
		} else if (value == HELP_VALUE || value == 'h') {
			usage_print(command, stdout);
			status = 0;
		} else {
			status = 2;
		}
	}
	*first = optind;
	argv[0] = name;
	reader.count--;
	reader_free(&reader);
	return status;
}

/* A text beside its name, wrapped. */
static void entry_print(FILE *where, const char *name, const char *text)
{
	int column = fprintf(where, "  %s", name);

	if (column >= TEXT_COLUMN) {
		fprintf(where, "\n");
		column = 0;
	}
	while (*text) {
		size_t length = strcspn(text, " ");

		if (column > TEXT_COLUMN && column + 1 + length > 79) {
			fprintf(where, "\n");
			column = 0;
		}
		if (column <= TEXT_COLUMN)
			column += fprintf(where, "%*s", TEXT_COLUMN - column, "");
		else
			column += fprintf(where, " ");
		column += fprintf(where, "%.*s", (int)length, text);
		text += length + strspn(text + length, " ");
	}
	fprintf(where, "\n");
}

static void row_print(FILE *where, const struct option_row *row)
{
	struct buf name = { 0 };

	if (row->letter)
		buf_printf(&name, "-%c, ", row->letter);
	else
		buf_puts(&name, "    ");
	buf_printf(&name, "--%s", row->name);
	if (row->argument)
		buf_printf(&name, row->optional ? "[=%s]" : "=%s", row->argument);
	entry_print(where, buf_text(&name), row->help);
	buf_free(&name);
}

static void texts_print(FILE *where, const char *title, const struct text_row *rows)
{
	if (!rows)
		return;
	fprintf(where, "\n%s:\n", title);
	for (; rows->name; rows++)
		entry_print(where, rows->name, rows->text);
}

void usage_print(const struct command *command, FILE *where)
{
	const char *options = command->groups ? " [OPTIONS]" : "";

	if (command->alias)
		fprintf(where, "Usage: %s%s %s\n", command->alias, options, command->operands);
	else
		fprintf(where, "Usage: flatbed %s%s %s\n", command->name, options,
			command->operands);
	fprintf(where, "%c%s.\n", command->text[0] & ~0x20, command->text + 1);
	for (size_t g = 0; command->groups && command->groups[g]; g++) {
		const struct option_group *group = command->groups[g];

		fprintf(where, "\n%s:\n", group->title);
		for (size_t i = 0; i < group->count; i++)
			row_print(where, &group->rows[i]);
	}
	entry_print(where, "-h, --help", "this text");
	texts_print(where, "Variables", command->variables);
	texts_print(where, "Exit status", command->statuses);
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}
