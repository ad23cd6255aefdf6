/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bochs as a machine: an x86 CPU with VMX, SVM and CET on any host.  It has no
 * debug-exit port: the image says its status in a line, and asks to be shut
 * down.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/bochs.h"
#include "runner/bochs_rom.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"

#define PANIC		">>PANIC<< "
#define RESET_VECTOR	"[0x0000fffffff0]"
#define MEMORY_MAX	(2047ull << 20)	/* below the devices, with room to spare */
#define CPUS_MAX	14

static int bochs_refuses(struct job *job, char *why, size_t size)
{
	const struct machine *machine = &job->machine;
	size_t count;
	struct bochs *all = bochs_list(&count, why, size);

	if (!count)
		return -1;
	if (machine->foreign || machine->extra || machine->initrd) {
		snprintf(why, size, "Bochs has no '%s'", machine->foreign ? machine->foreign :
			 machine->extra ? machine->extra : "-initrd");
		return -1;
	}
	if (machine->cpus > CPUS_MAX || machine->memory > MEMORY_MAX) {
		snprintf(why, size, machine->cpus > CPUS_MAX ? "Bochs has at most %llu CPUs" :
			 "Bochs has at most %llu MiB of memory",
			 machine->cpus > CPUS_MAX ? CPUS_MAX : MEMORY_MAX >> 20);
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		job->bochs_model = bochs_cpu(&all[i], machine->cpu, why, size);
		job->bochs = &all[i];
		if (job->bochs_model)
			return 0;
	}
	return 1;
}

/* What firmware and devices would have told; all of it, for other projects' images. */
static void machine_tell(struct job *job, struct buf *out)
{
	unsigned int megs = job->machine.memory >> 20;

	buf_printf(out, "NR_CPUS=%u\nTEST_DEVICE=0\n", job->machine.cpus);
	if (!job->plan.ours)
		buf_printf(out, "MEMSIZE=%u\nMEMLIMIT=%u\nBOOTLOADER=1\n", megs, megs);
	environment_add_needed(job, out);
}

static void command_line_make(const struct job *job, struct buf *out)
{
	/* BOOTLOADER=1 says that the image's name is not in front. */
	if (job->plan.ours)
		buf_printf(out, "%s ", job->image);
	if (job->machine.append)
		buf_puts(out, job->machine.append);
}

static bool bochs_start(struct job *job, char *why, size_t size)
{
	const struct bochs_machine machine = {
		.model = job->bochs_model, .cpus = job->machine.cpus,
		.memory = job->machine.memory, .lenient = !job->plan.ours,
		.chatty = job->session->single,
	};
	struct buf environment = { 0 }, line = { 0 }, rom = { 0 };
	struct words argv = { 0 };
	bool started;

	machine_tell(job, &environment);
	command_line_make(job, &line);
	started = bochs_rom_make(&rom, &job->plan, &(struct bochs_boot){
		.memory = job->machine.memory, .command_line = buf_text(&line),
		.environment = buf_text(&environment) }, why, size);
	if (started && !bochs_prepare(&job->boot, job->bochs, &machine, &rom, &argv)) {
		snprintf(why, size, "cannot make Bochs' files: %s", strerror(errno));
		started = false;
	}
	if (started)
		started = boot_spawn(&job->boot, &argv, why, size);
	words_free(&argv);
	buf_free(&rom);
	buf_free(&line);
	buf_free(&environment);
	return started;
}

/* "(0).[2726] [0x00000010ca20] …": where the built-in debugger found the CPU at the end. */
static char *debugger_line(char *text)
{
	for (char *c = strchr(text, '('); c; c = strchr(c + 1, '(')) {
		char *rest = c + 1 + strspn(c + 1, "0123456789");

		if (rest > c + 1 && !strncmp(rest, ").[", 3) && isdigit((unsigned char)rest[3]))
			return c;
	}
	return NULL;
}

/* A banner, framed by lines of '=', and the debugger's lines are not the image's. */
static bool bochs_console(struct job *job, char *text)
{
	char *end;

	if (job->boot.banner < 2) {
		job->boot.banner += *text == '=';
		return false;
	}
	if (!strncmp(text, "Next at t=", 10) || (*text == '(' && strstr(text, RESET_VECTOR)))
		return false;
	end = debugger_line(text);
	if (end)
		*end = '\0';
	return !end || *text;
}

/* "00000066727p[UNMAP ] >>PANIC<< …"; what is no error is not worth a line. */
static bool bochs_error(struct job *job, const char *text)
{
	const char *panic = strstr(text, PANIC);
	size_t digits = strspn(text, "0123456789");

	if (panic) {
		buf_free(&job->boot.last_words);
		buf_puts(&job->boot.last_words, panic + strlen(PANIC));
		return false;
	}
	if (digits && text[digits] == 'e')
		return true;
	return !digits && *text && *text != '=' && *text != '[' && strncmp(text, "Bochs ", 6);
}

static void bochs_finish(struct job *job, int status, struct ending *ending)
{
	struct boot *boot = &job->boot;
	const char *panic = buf_text(&boot->last_words);

	boot_files_close(boot);
	*ending = (struct ending){ .kind = ENDING_ERROR, .code = 1 };
	if (boot->told_status >= 0) {
		ending->kind = ENDING_VERDICT;
		ending->code = boot->told_status >> 1;
	} else if (WIFSIGNALED(status)) {
		ending->kind = ENDING_SIGNAL;
		ending->code = WTERMSIG(status);
	} else if (!strcmp(panic, "Shutdown port: shutdown requested")) {
		ending->kind = ENDING_POWER_OFF;
	} else if (!strncmp(panic, "exception(): 3rd", 16)) {
		ending->kind = ENDING_SHUTDOWN;
	} else if (*panic) {
		snprintf(ending->text, sizeof(ending->text), "Bochs: %s", panic);
	} else if (boot->error_text.length) {
		snprintf(ending->text, sizeof(ending->text), "Bochs: %.*s",
			 (int)strcspn(buf_text(&boot->error_text), "\n"),
			 boot->error_text.data);
	} else {
		snprintf(ending->text, sizeof(ending->text),
			 "Bochs left with status %d and did not say why", WEXITSTATUS(status));
	}
}

static void bochs_command(struct job *job, struct buf *out)
{
	buf_printf(out, "%s run --backend=bochs ", job->session->program);
	word_quote(out, job->image);
	words_quote(out, &job->options);
	buf_printf(out, " # Bochs %s, %s", job->bochs->version, job->bochs_model);
}

/* SIGTERM does not end it. */
const struct backend backend_bochs = {
	.name = "bochs", .refuses = bochs_refuses, .start = bochs_start, .finish = bochs_finish,
	.command = bochs_command, .console = bochs_console, .error = bochs_error,
	.stop_signal = SIGKILL, .tells_status = true,
};
