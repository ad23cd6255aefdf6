/* SPDX-License-Identifier: BSD-2-Clause */
/* `flatbed vm`: the reference VMM alone, without a runner. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "vmm/command.h"
#include "vmm/vm.h"

static const char usage[] =
	"usage: flatbed vm [-smp N] [-m MiB] [-cpu MODEL] [-append ARGUMENTS]\n"
	"                  [-initrd FILE] [--pit] [--stats] IMAGE\n";

static unsigned long number(const char *option, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || !value)
		die("vm: %s: not a number: %s", option, text);
	return value;
}

static char *file_text(const char *path)
{
	char *text = calloc(1, 65537);
	FILE *file = fopen(path, "re");

	if (!file || !text)
		die_errno("vm: %s", path);
	fread(text, 1, 65536, file);
	fclose(file);
	return text;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int run(const struct vm_config *config, bool stats)
{
	struct vm_end *end = mmap(NULL, sizeof(*end), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t begin = now_ns();
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
	return WIFEXITED(status) ? WEXITSTATUS(status) :
		128 + WTERMSIG(status);
}

int vm_command(int argc, char **argv)
{
	struct vm_config config = {
		.cpus = 1, .memory = 128ull << 20, .console = STDOUT_FILENO,
		.ledger = -1, .command_line = "",
	};
	const char *append = NULL;
	bool stats = false;
	char *line;

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(argv[i], "--stats")) {
			stats = true;
			continue;
		}
		if (!strcmp(argv[i], "--pit")) {
			config.pit = true;
			continue;
		}
		if (argv[i][0] != '-') {
			if (config.image)
				die("vm: two images: %s and %s", config.image,
				    argv[i]);
			config.image = argv[i];
			continue;
		}
		if (!value)
			die("vm: unknown option or no value: %s", argv[i]);
		if (!strcmp(argv[i], "-smp"))
			config.cpus = number("-smp", value);
		else if (!strcmp(argv[i], "-m"))
			config.memory = (uint64_t)number("-m", value) << 20;
		else if (!strcmp(argv[i], "-cpu"))
			config.cpu = value;
		else if (!strcmp(argv[i], "-append"))
			append = value;
		else if (!strcmp(argv[i], "-initrd"))
			config.environment = file_text(value);
		else
			die("vm: unknown option %s", argv[i]);
		i++;
	}
	if (!config.image) {
		fputs(usage, stderr);
		return 2;
	}
	if (asprintf(&line, "%s%s%s", config.image, append ? " " : "",
		     append ? append : "") < 0)
		die("vm: no memory");
	config.command_line = line;
	return run(&config, stats);
}
