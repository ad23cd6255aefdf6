/* SPDX-License-Identifier: BSD-2-Clause */
/* Children of the runner. */
#ifndef HOST_RUNNER_PROCESS_H
#define HOST_RUNNER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

struct boot;
struct ending;
struct job;
struct words;

/**
 * child_prepare() - in a new child: a process group of its own, default signals,
 * death with the runner
 * @parent: the runner's process id
 * @input: becomes standard input; -1: /dev/null does
 * @output: becomes standard output, and
 * @errors: standard error
 */
void child_prepare(int parent, int input, int output, int errors);

/**
 * boot_file() - a file without a name, for a VMM to read as /dev/fd/N
 * @boot: whose; it is closed by boot_files_close()
 * @bytes: its contents, and
 * @size: how many
 *
 * Returns its descriptor N, or -1 with errno set.
 */
int boot_file(struct boot *boot, const void *bytes, size_t size);

/**
 * boot_files_close() - close what boot_file() made
 * @boot: whose
 */
void boot_files_close(struct boot *boot);

/**
 * boot_spawn() - start a VMM's program, with the boot's files and two pipes
 * @boot: filled in: pid, console, errors; its `input` becomes standard input
 * @argv: the program and its arguments
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 */
bool boot_spawn(struct boot *boot, const struct words *argv, char *why, size_t size);

/**
 * program_finish() - how a machine ended, as debug-exit devices say it
 * @job: whose
 * @status: of its VMM's program, from waitpid()
 * @refusal: status 1 and this last line mean that the VMM cannot be such a
 * machine, and not that something went wrong
 * @ending: set to it; the boot's files are closed
 */
void program_finish(struct job *job, int status,
		    bool (*refusal)(const struct boot *boot, const char *text),
		    struct ending *ending);

/**
 * program_ask() - what a program prints, on both streams
 * @argv: the program and its arguments, ended by NULL
 * @boot: whose files it gets, or NULL
 *
 * Returns it, for the caller to free; what came in time if it does not end, and
 * "" if it cannot be started.
 */
char *program_ask(const char *const *argv, const struct boot *boot);

/**
 * program_find() - is there a program of this name?
 * @name: with a slash: that file; else sought in PATH and /usr/libexec, where
 * some distributions keep qemu-kvm
 *
 * Returns its path, for the caller to free, or NULL.
 */
char *program_find(const char *name);

#endif
