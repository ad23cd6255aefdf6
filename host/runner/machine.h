/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine in neutral words, taken from options in QEMU's, which is what users
 * write in configuration files and behind the image's name.
 */
#ifndef HOST_RUNNER_MACHINE_H
#define HOST_RUNNER_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/words.h"
#include "vmm/vm.h"

#define MACHINE_MEMORY	(128ull << 20)	/* bytes, where nothing says otherwise */

struct machine {
	char *cpu;		/* model and features, or NULL */
	char *append;		/* the image's arguments, or NULL */
	char *initrd;		/* file, or NULL */
	char *accel;		/* "kvm", "tcg", with properties behind; or NULL */
	char *foreign;		/* the first option that needs QEMU, or NULL */
	char *extra;		/* the first that QEMU and the embedded VMM know, or NULL */
	struct vm_platform platform;
	struct words devices;	/* of the embedded VMM's, with properties */
	unsigned int cpus;
	uint64_t memory;	/* bytes */
	bool pit;		/* whether it has an i8254 */
	bool pit_asked;		/* by name, not by default */
};

/**
 * machine_read() - the machine that options describe
 * @machine: filled in; give it back with machine_free()
 * @options: QEMU's; one that has no neutral word ends up in @machine->foreign
 */
void machine_read(struct machine *machine, const struct words *options);

/**
 * machine_free() - give the memory back
 * @machine: which
 */
void machine_free(struct machine *machine);

/**
 * machine_device_option() - a word of `devices =` as an option of QEMU's
 * @options: where it is appended
 * @device: "pit=off", or a device's name
 */
void machine_device_option(struct words *options, const char *device);

#endif
