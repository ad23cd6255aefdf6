/* SPDX-License-Identifier: BSD-2-Clause */
/* `flatbed vm`: one machine by hand. */
#ifndef HOST_VMM_COMMAND_H
#define HOST_VMM_COMMAND_H

/**
 * vm_command() - run one image with its console on standard output
 * @argc, @argv: "vm" first, then options as in its usage text, then the image
 *
 * Returns the exit status: the machine's, or 2 for a wrong call.
 */
int vm_command(int argc, char **argv);

#endif
