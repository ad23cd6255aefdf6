/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of subcommands. */
#include "runner/options.h"
#include "runner/session.h"
#include "vmm/command.h"

static int vm_run_command(const char *program, int argc, char **argv)
{
	(void)program;
	return vm_command(argc, argv);
}

/* It reads its own options. */
static const struct command vm = {
	.name = "vm", .operands = "[OPTIONS] IMAGE", .run = vm_run_command,
	.text = "the embedded VMM alone, with its console on standard output",
};

const struct command *const commands[] = {
	&suite_command, &run_command, &list_command, &history_command, &compare_command,
	&diff_command, &report_command, &known_command, &record_command, &doctor_command,
	&bisect_command, &standalone_command, &manual_command,
	&completion_command, &vm, NULL
};
