/* SPDX-License-Identifier: BSD-2-Clause */
/* `flatbed vm`: the reference VMM alone, without a runner. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/die.h"
#include "base/symbols.h"
#include "vmm/autopsy.h"
#include "vmm/clock.h"
#include "vmm/command.h"

/* Waits until @hangup is closed, for so many milliseconds; -1: for ever. */
static bool closed(int hangup, int ms)
{
	struct pollfd fd = { hangup, 0, 0 };
	uint64_t until = host_ns() + ms * (NS_PER_S / 1000);
	int result;

	while ((result = poll(&fd, 1, ms)) < 0 && errno == EINTR) {
		uint64_t now = host_ns();

		if (ms >= 0)
			ms = now < until ? (until - now) / (NS_PER_S / 1000) : 0;
	}
	return result > 0;
}

/* Asks the machine to end when its time is over, and a second later kills it. */
static void machine_wait(pid_t pid, int hangup, unsigned int ms)
{
	if (closed(hangup, ms ? (int)ms : -1))
		return;
	kill(pid, SIGTERM);
	if (!closed(hangup, 1000))
		kill(pid, SIGKILL);
}

/* What is left of the machine's process; how it left. */
static int machine_reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die_errno("vm: waiting for the machine");
	return status;
}

static void stats_print(const struct vm_end *end, uint64_t begin)
{
	struct rusage usage;

	if (end->first_exit_ns)
		fprintf(stderr, "first exit after %llu us, %llu exits\n",
			(unsigned long long)(end->first_exit_ns - begin) / 1000,
			(unsigned long long)end->exits);
	/* The machine's process, and of the guest's memory what was touched. */
	if (!getrusage(RUSAGE_CHILDREN, &usage))
		fprintf(stderr, "peak memory %ld KiB\n", usage.ru_maxrss);
	if (end->migrations || end->perturbed)
		fprintf(stderr, "%llu migrations, %llu perturbations\n",
			(unsigned long long)end->migrations,
			(unsigned long long)end->perturbed);
	if (end->emulated || end->emulate_refused || end->emulate_late)
		fprintf(stderr, "%llu writes emulated, %llu instructions not, "
			"%llu times for too long\n",
			(unsigned long long)end->emulated,
			(unsigned long long)end->emulate_refused,
			(unsigned long long)end->emulate_late);
	if (end->saves)
		fprintf(stderr, "%llu saves, %llu us each\n",
			(unsigned long long)end->saves,
			(unsigned long long)(end->save_ns / end->saves / 1000));
	if (end->load_ns)
		fprintf(stderr, "loaded in %llu us\n",
			(unsigned long long)end->load_ns / 1000);
	if (end->resets)
		fprintf(stderr, "%llu resets, %llu us and %llu pages each\n",
			(unsigned long long)end->resets,
			(unsigned long long)(end->reset_ns / end->resets / 1000),
			(unsigned long long)(end->reset_pages / end->resets));
}

/* NULL where nothing asks for a place: a saved machine's file is read whole for them. */
static struct symbols *end_symbols(const struct vm_command *command, const struct vm_end *end)
{
	struct symbols *symbols;
	char *saved = NULL;

	if (end->kind == VM_END_DEBUG_EXIT && !end->unclaimed)
		return NULL;
	if (!command->config.image)
		saved = vm_saved_image(command->config.conduct.load_fd);
	symbols = symbols_open(saved ? saved : command->config.image ? command->config.image : "");
	free(saved);
	return symbols;
}

static void end_print(const struct vm_command *command, const struct vm_end *end, int status)
{
	struct symbols *symbols = end_symbols(command, end);
	struct buf text = { 0 };
	FILE *json;

	if (end->forbidden) {
		buf_puts(&text, "flatbed vm: ");
		vm_end_line(end, symbols, &text);
		buf_puts(&text, "\n");
	} else if (end->kind == VM_END_NONE && WIFSIGNALED(status)) {
		buf_printf(&text, "flatbed vm: the machine's process died of signal %d\n",
			   WTERMSIG(status));
	} else if (end->kind == VM_END_NONE) {
		buf_printf(&text, "flatbed vm: the machine's process left with status %d\n",
			   WEXITSTATUS(status));
	} else if (end->kind != VM_END_DEBUG_EXIT) {
		buf_puts(&text, "flatbed vm: ");
		vm_end_line(end, symbols, &text);
		buf_puts(&text, "\n");
	}
	if (command->config.conduct.save && !end->saves)
		buf_printf(&text, "flatbed vm: nothing was saved: no %s before the end\n",
			   strrchr(command->config.conduct.save, '@'));
	vm_autopsy_text(end, symbols, &text);
	fputs(buf_text(&text), stderr);
	text.length = 0;
	if (command->autopsy) {
		vm_autopsy_json(end, symbols, &text);
		json = fopen(command->autopsy, "we");
		if (!json || fputs(buf_text(&text), json) < 0 || fclose(json))
			die_errno("vm: %s", command->autopsy);
	}
	buf_free(&text);
	symbols_close(symbols);
}

static int run(struct vm_command *command)
{
	struct vm_config *config = &command->config;
	struct vm_end *end = vm_end_create(config->cpus);
	int hangup[2], status = 0;
	uint64_t begin;
	bool told;
	pid_t pid;

	if (!end)
		die_errno("vm: memory for the machine's end");
	if (!vm_prepare(&config->conduct))
		die("vm: no memory for the sandbox");
	if (pipe2(hangup, O_CLOEXEC) < 0)
		die_errno("vm: pipe");
	begin = host_ns();
	/* The child unblocks it once it can answer: its time may be over before that. */
	record_sigterm(SIG_BLOCK);
	pid = fork();
	if (pid)
		record_sigterm(SIG_UNBLOCK);
	if (pid < 0)
		die_errno("vm: fork");
	if (!pid) {
		close(hangup[0]);
		config->hangup = hangup[1];
		vm_run(config, end);
	}
	close(hangup[1]);
	machine_wait(pid, hangup[0], command->timeout_ms);
	/* All is told: the kernel may take the machine apart behind our back. */
	told = end->kind != VM_END_NONE;
	if (!told || command->stats || config->conduct.gdb)
		status = machine_reap(pid);
	end_print(command, end, status);
	if (command->stats)
		stats_print(end, begin);
	status = told ? vm_end_status(end) :
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	vm_end_free(end);
	return status;
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
	if (!config->image == !config->conduct.load)
		die(config->image ? "vm: an image, and a saved machine too" :
		    "vm: no image; --help says how it is called");
	if (asprintf(&line, "%s%s%s", config->image ? config->image : "", command.append ? " " : "",
		     command.append ? command.append : "") < 0)
		die("vm: no memory");
	config->command_line = line;
	return run(&command);
}
