/* SPDX-License-Identifier: BSD-2-Clause */
/* The embedded VMM: a child of the runner that becomes a machine. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/conduct.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"
#include "vmm/vm.h"

static bool ledger_make(struct boot *boot)
{
	boot->ledger_fd = memfd_create("ledger", MFD_CLOEXEC);
	if (boot->ledger_fd < 0 || ftruncate(boot->ledger_fd, VM_LEDGER_SIZE) < 0)
		return false;
	boot->ledger = mmap(NULL, VM_LEDGER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			    boot->ledger_fd, 0);
	if (boot->ledger == MAP_FAILED) {
		boot->ledger = NULL;
		return false;
	}
	return true;
}

/* -initrd FILE: the user's environment, behind what the runner has to say. */
static void initrd_add(struct job *job, struct buf *environment)
{
	char why[200], *text;
	size_t length;

	if (!job->machine.initrd)
		return;
	text = vm_environment_read(job->machine.initrd, &length, why, sizeof(why));
	if (!text)
		die("-initrd %s: %s", job->machine.initrd, why);
	buf_add(environment, text, length);
	free(text);
}

/* The CPU that the case asks for, in the word size that its images have. */
static char *cpu_words(const struct job *job)
{
	const char *cpu = job->machine.cpu, *word = job->session->target->kvm_cpu;
	struct buf text = { 0 };

	if (!word)
		return cpu ? mem_copy(cpu) : NULL;
	buf_printf(&text, "%s,%s", cpu ? cpu : "host", word);
	return buf_take(&text);
}

static void __attribute__((noreturn)) machine_run(struct job *job, int console)
{
	struct buf line = { 0 }, environment = { 0 };
	struct vm_config config = {
		.image = job->image, .cpu = cpu_words(job), .cpus = job->machine.cpus,
		.memory = job->machine.memory,
		/* Making one takes KVM milliseconds; our images use none unasked. */
		.pit = job->machine.pit && (!job->plan.ours || job->machine.pit_asked),
		.console = console, .hangup = -1, .ledger = job->boot.ledger_fd,
		.conduct = *conduct_get(), .platform = job->machine.platform,
		.devices = (const char *const *)job->machine.devices.word,
	};

	environment_add_needed(job, &environment);
	initrd_add(job, &environment);
	if (environment.length)
		config.environment = buf_text(&environment);
	config.environment_size = environment.length;
	buf_puts(&line, job->image);
	if (job->machine.append)
		buf_printf(&line, " %s", job->machine.append);
	config.command_line = buf_text(&line);
	vm_run(&config, job->boot.end);
}

static void machine_release(struct boot *boot)
{
	if (boot->ledger)
		munmap(boot->ledger, VM_LEDGER_SIZE);
	if (boot->ledger_fd >= 0)
		close(boot->ledger_fd);
	vm_end_free(boot->end);
	boot->ledger = NULL;
	boot->ledger_fd = -1;
	boot->end = NULL;
}

static bool kvm_start(struct job *job, char *why, size_t size)
{
	int console[2] = { -1, -1 }, errors[2] = { -1, -1 };
	struct boot *boot = &job->boot;
	int parent = getpid();

	boot->ledger_fd = -1;
	boot->end = vm_end_create(job->machine.cpus);
	if (!boot->end || !vm_prepare(conduct_get()) ||
	    (job->plan.ours && !ledger_make(boot)) ||
	    pipe2(console, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0 ||
	    (boot->pid = fork()) < 0) {
		snprintf(why, size, "cannot start a machine: %s", strerror(errno));
		boot->pid = 0;
		close(console[0]);
		close(console[1]);
		close(errors[0]);
		close(errors[1]);
		machine_release(boot);
		return false;
	}
	if (!boot->pid) {
		child_prepare(parent, -1, errors[1], errors[1]);
		machine_run(job, console[1]);
	}
	/* The machines that come after it have no business with this one's results. */
	vm_end_keep(boot->end);
	if (boot->ledger)
		madvise(boot->ledger, VM_LEDGER_SIZE, MADV_DONTFORK);
	setpgid(boot->pid, boot->pid);
	close(console[1]);
	close(errors[1]);
	boot->console = console[0];
	boot->errors = errors[0];
	return true;
}

static int kvm_refuses(struct job *job, char *why, size_t size)
{
	const struct machine *machine = &job->machine;
	char word[400], *cpu;
	int refused;

	if (machine->foreign) {
		snprintf(why, size, "the embedded VMM has no '%s'", machine->foreign);
		return -1;
	}
	cpu = cpu_words(job);
	refused = cpu ? vm_cpu_supported(cpu, word, sizeof(word)) : 0;
	free(cpu);
	if (refused > 0)
		snprintf(why, size, "%s", word);
	else if (refused < 0)
		snprintf(why, size, "the embedded VMM does not know this CPU: %s", word);
	return refused;
}

/*
 * The kernel takes its time to tear a machine down.  Once the pipes are closed
 * behind the end, nothing more is to come.
 */
static bool kvm_told(const struct job *job)
{
	const struct boot *boot = &job->boot;

	return boot->console < 0 && boot->errors < 0 &&
	       __atomic_load_n(&boot->end->kind, __ATOMIC_ACQUIRE) != VM_END_NONE;
}

/* What the machine's record tells: lines for people, an object for programs. */
static void autopsy_say(struct job *job, const struct vm_end *end)
{
	struct buf text = { 0 }, path = { 0 };
	char *rest, *line;
	int fd;

	vm_autopsy_text(end, job_symbols(job), &text);
	rest = text.length ? (char *)buf_text(&text) : NULL;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			job_say(job, "flatbed: %s", line);
	text.length = 0;
	vm_autopsy_json(end, job_symbols(job), &text);
	if (text.length && job->log_path) {
		buf_printf(&path, "%.*s.autopsy", (int)strcspn(job->log_path, "\n"), job->log_path);
		fd = open(buf_text(&path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		/* The log's report says it when there is no room. */
		if (fd >= 0 && write(fd, text.data, text.length) >= 0)
			close(fd);
	}
	buf_free(&text);
	buf_free(&path);
}

static void kvm_finish(struct job *job, int status, struct ending *ending)
{
	static const enum ending_kind kinds[] = {
		[VM_END_NONE] = ENDING_ERROR,
		[VM_END_DEBUG_EXIT] = ENDING_VERDICT,
		[VM_END_SHUTDOWN] = ENDING_SHUTDOWN,
		[VM_END_POWER_OFF] = ENDING_POWER_OFF,
		[VM_END_INTERNAL_ERROR] = ENDING_INTERNAL_ERROR,
		[VM_END_UNSUPPORTED] = ENDING_UNSUPPORTED,
		[VM_END_ERROR] = ENDING_ERROR,
		[VM_END_STOPPED] = ENDING_STOPPED,
	};
	struct boot *boot = &job->boot;
	const struct vm_end *end = boot->end;
	enum vm_end_kind kind = end->kind;
	struct buf line = { 0 };

	*ending = (struct ending){ .kind = ENDING_ERROR, .code = 1 };
	if (kind > VM_END_NONE && kind < sizeof(kinds) / sizeof(*kinds)) {
		ending->kind = kinds[kind];
		ending->code = end->code;
		vm_end_line(end, job_symbols(job), &line);
	} else if (end->forbidden) {
		vm_end_line(end, job_symbols(job), &line);
	} else if (WIFSIGNALED(status)) {
		ending->kind = ENDING_SIGNAL;
		ending->code = WTERMSIG(status);
	} else if (boot->error_text.length) {
		buf_add(&line, boot->error_text.data, strcspn(buf_text(&boot->error_text), "\n"));
	} else {
		buf_printf(&line, "the VMM left with status %d and did not say why",
			   WEXITSTATUS(status));
	}
	snprintf(ending->text, sizeof(ending->text), "%s", buf_text(&line));
	autopsy_say(job, end);
	machine_release(boot);
	buf_free(&line);
}

static void kvm_command(struct job *job, struct buf *out)
{
	buf_printf(out, "%s run ", job->session->program);
	word_quote(out, job->image);
	words_quote(out, &job->options);
}

const struct backend backend_kvm = {
	.name = "kvm", .refuses = kvm_refuses, .start = kvm_start, .finish = kvm_finish,
	.told = kvm_told, .command = kvm_command, .stop_signal = SIGTERM,
	.migrates = true,	/* our images ask their test device */
};
