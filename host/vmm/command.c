/* SPDX-License-Identifier: BSD-2-Clause */
/* `flatbed vm`: the reference VMM alone, without a runner. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "vmm/clock.h"
#include "vmm/command.h"

static int run(const struct vm_config *config, bool stats)
{
	struct vm_end *end = mmap(NULL, sizeof(*end), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t begin = host_ns();
	int status;
	pid_t pid;

	if (end == MAP_FAILED)
		die_errno("vm: memory for the machine's end");
	pid = fork();
	if (pid < 0)
		die_errno("vm: fork");
	if (!pid)
		vm_run(config, end);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die_errno("vm: waiting for the machine");
	if (end->kind != VM_END_DEBUG_EXIT)
		fprintf(stderr, "flatbed vm: %s\n", end->kind == VM_END_NONE ?
			"the machine's process died" : end->text);
	if (stats)
		fprintf(stderr, "first exit after %llu us, %llu exits\n",
			(unsigned long long)(end->first_exit_ns - begin) / 1000,
			(unsigned long long)end->exits);
	if (stats && (end->migrations || end->perturbed))
		fprintf(stderr, "%llu migrations, %llu perturbations\n",
			(unsigned long long)end->migrations,
			(unsigned long long)end->perturbed);
	if (stats && end->resets)
		fprintf(stderr, "%llu resets, %llu us and %llu pages each\n",
			(unsigned long long)end->resets,
			(unsigned long long)(end->reset_ns / end->resets / 1000),
			(unsigned long long)(end->reset_pages / end->resets));
	return WIFEXITED(status) ? WEXITSTATUS(status) :
		128 + WTERMSIG(status);
}

int vm_command(int argc, char **argv)
{
	struct vm_command command = { .config = {
		.cpus = 1, .memory = 128ull << 20, .console = STDOUT_FILENO,
		.ledger = -1, .test_device = true,
	} };
	struct vm_config *config = &command.config;
	char *line;

	for (int i = 1, taken; i < argc; i += taken) {
		taken = vm_option_take(&command, argc - i, argv + i);
		if (taken)
			continue;
		if (argv[i][0] == '-')
			die("vm: unknown option %s; --help lists them", argv[i]);
		if (config->image)
			die("vm: two images: %s and %s", config->image, argv[i]);
		config->image = argv[i];
		taken = 1;
	}
	if (!config->image)
		die("vm: no image; --help says how it is called");
	if (asprintf(&line, "%s%s%s", config->image, command.append ? " " : "",
		     command.append ? command.append : "") < 0)
		die("vm: no memory");
	config->command_line = line;
	return run(config, command.stats);
}
