/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Subcommands and their options, each written down once: the reader of command
 * lines, usage texts, manual pages and completion all come from these tables.
 */
#ifndef HOST_RUNNER_OPTIONS_H
#define HOST_RUNNER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What taking an option does to the command's context. */
enum option_kind {
	OPTION_FLAG,		/* sets the bool at `offset` */
	OPTION_TEXT,		/* sets the const char * at `offset` */
	OPTION_CALL,		/* calls `take` */
};

#define OPTIONS_GO_ON	(-1)

struct option_row {
	const char *name;	/* long, without dashes */
	char letter;		/* or '\0' */
	const char *argument;	/* what stands behind it: "N"; NULL: nothing */
	const char *help;	/* one line, no full stop */
	enum option_kind kind;
	size_t offset;
	/* Returns OPTIONS_GO_ON, or the status to leave with; it has said why. */
	int (*take)(void *context, const char *value);
	/*
	 * For completion: the words that it takes, separated by blanks, or one of
	 * <file> <directory> <case> <group> <backend> <arch>; NULL: no idea.
	 */
	const char *values;
	/* The argument may be left out: then `take` gets NULL. */
	bool optional;
	/* Known from kvm-unit-tests: each of its abbreviations stays as it was. */
	bool classic;
};

/* Rows under one heading. */
struct option_group {
	const char *title;	/* "Which cases" */
	const struct option_row *rows;
	size_t count;
};

#define OPTION_ROWS(array)	(array), sizeof(array) / sizeof(*(array))

/* A name and what it means: environment variables, exit statuses. */
struct text_row {
	const char *name;
	const char *text;
};

struct command {
	const char *name;		/* "suite" */
	const char *alias;		/* script that calls it: "run_tests.sh", or NULL */
	const char *operands;		/* "[CASE...]" */
	const char *text;		/* a line on what it does, no full stop */
	const struct option_group *const *groups;	/* ended by NULL; or NULL */
	const struct text_row *variables;	/* ended by a NULL name; or NULL */
	const struct text_row *statuses;	/* likewise */
	/* argv[0] is the subcommand's name; program is the file that runs. */
	int (*run)(const char *program, int argc, char **argv);
	/* Options end at the first operand, as what follows is a VMM's. */
	bool operands_first;
};

/* All subcommands, in the order of the usage text, ended by NULL. */
extern const struct command *const commands[];

/**
 * command_find() - a subcommand by its name
 * @name: which
 *
 * Returns NULL if there is none.
 */
const struct command *command_find(const char *name);

/**
 * options_read() - read a command line
 * @command: whose
 * @context: what its rows set
 * @argc, @argv: word 0 is not read; operands are moved behind the options, as
 * getopt does, unless options end at the first of them
 * @first: set to the index of the first operand
 *
 * Returns OPTIONS_GO_ON, or the status to leave with: 0 after --help, 2 after a
 * mistake, which has been said.
 */
int options_read(const struct command *command, void *context, int argc, char **argv,
		 int *first);

/**
 * usage_print() - a subcommand's usage text
 * @command: whose
 * @where: "stdout" or "stderr"
 */
void usage_print(const struct command *command, FILE *where);

#endif
