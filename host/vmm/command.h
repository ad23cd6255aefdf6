/* SPDX-License-Identifier: BSD-2-Clause */
/* `flatbed vm`: one machine by hand; and its options, for whoever takes them too. */
#ifndef HOST_VMM_COMMAND_H
#define HOST_VMM_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "vmm/vm.h"

#define VM_COMMAND_DEVICES	16

/* What the options say. */
struct vm_command {
	struct vm_config config;
	const char *append;	/* words behind the image's path, or NULL */
	bool stats;		/* print what it took */
	unsigned int timeout_ms; /* after which it is stopped; 0: never */
	const char *autopsy;	/* file for the record as JSON, or NULL */
	const char *devices[VM_COMMAND_DEVICES + 1];
	unsigned int device_count;
};

/* One option: a row makes it parsed, and told by --help. */
struct vm_option {
	const char *name;	/* "-smp", "--pit" */
	const char *argument;	/* "N"; "[=FORM]" if it may be left out; or NULL */
	const char *help;	/* what it does */

	/*
	 * Takes the option; @value is NULL where none is given.  Returns NULL, or
	 * what is wrong with the value: "not a number".
	 */
	const char *(*set)(struct vm_command *command, const char *value);
};

/**
 * vm_options() - the options of `flatbed vm`, in the order of its usage text
 * @count: set to their number
 */
const struct vm_option *vm_options(size_t *count);

/**
 * vm_option_take() - take the option at the front of a command line, if it is one
 * @command: changed by it
 * @argc, @argv: the words that are left; "--name value" and "--name=value" are alike
 *
 * Returns how many words it took, or 0 if the first is none of vm_options().
 * Says so and exits with status 2 if it is one, but is used wrongly.
 */
int vm_option_take(struct vm_command *command, int argc, char **argv);

/**
 * vm_command() - run one image with its console on standard output
 * @argc, @argv: "vm" first, then options, then the image
 *
 * Returns the exit status: the machine's, or 2 for a wrong call.
 */
int vm_command(int argc, char **argv);

#endif
