/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed: the runner's subcommands. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "runner/options.h"
#include "runner/session.h"
#include "runner/standalone.h"

static int commands_print(FILE *where)
{
	fprintf(where, "Usage: flatbed COMMAND ...; flatbed COMMAND --help says more\n\n");
	for (size_t i = 0; commands[i]; i++)
		fprintf(where, "  %-12s %s\n", commands[i]->name, commands[i]->text);
	return where == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	const struct command *command;

	/* A file that grows beyond a limit is told like one on a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	if (standalone_is())
		return standalone_run(argc, argv);
	if (argc < 2)
		return commands_print(stderr);
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))
		return commands_print(stdout);
	command = command_find(argv[1]);
	if (command)
		return command->run(argv[0], argc - 1, argv + 1);
	complain("there is no command '%s'", argv[1]);
	return commands_print(stderr);
}
