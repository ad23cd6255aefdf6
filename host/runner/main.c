/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed: the runner's subcommands. */
#include <stdio.h>
#include <string.h>

#include "runner/session.h"
#include "vmm/command.h"

static int usage_print(FILE *where)
{
	fprintf(where, "Usage: flatbed suite [OPTIONS] [CASE...]   the cases of unittests.cfg\n"
		"       flatbed run IMAGE [VMM OPTIONS]     one image\n"
		"       flatbed list IMAGE...               the TESTs of images\n"
		"       flatbed vm ...                      the embedded VMM alone\n");
	return where == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (!strcmp(command, "suite"))
		return suite_command(argv[0], argc - 1, argv + 1);
	if (!strcmp(command, "run"))
		return run_command(argv[0], argc - 1, argv + 1);
	if (!strcmp(command, "list"))
		return list_command(argc - 1, argv + 1);
	if (!strcmp(command, "vm"))
		return vm_command(argc - 1, argv + 1);
	return usage_print(!strcmp(command, "-h") || !strcmp(command, "--help") ?
			   stdout : stderr);
}
