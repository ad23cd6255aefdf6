/* SPDX-License-Identifier: BSD-2-Clause */
/* The architectures of images: where their tests are, and who runs them. */
#ifndef HOST_RUNNER_ARCH_H
#define HOST_RUNNER_ARCH_H

#include <stdbool.h>
#include <stddef.h>

struct job;
struct words;

struct arch {
	const char *name;		/* "arm64", as configure says it */
	const char *directory;		/* of tests and cases: "arm" */
	const char *suffix;		/* of images: ".flat" */
	const char *const *qemu;	/* QEMU's programs, the best first; ended by NULL */
	const char *package;		/* of the first */
	const char *const *hosts;	/* machines, as uname says, whose KVM runs it */
	const char *kvm_cpu;		/* what the embedded VMM's -cpu must say, or NULL */
	unsigned int elf_machine;	/* EM_… */
	unsigned char elf_class, elf_data;
	/* The machine has no device for the status: the image says it in a line. */
	bool tells_status;
	/* QEMU's words in front of -kernel, but for the program's name. */
	void (*qemu_words)(struct job *job, struct words *argv);
	/* A device that QEMU must have, and one that it may have; or NULL. */
	const char *must_have, *may_have;
};

/**
 * arch_find() - an architecture by its name
 * @name: "arm64", and behind a dash a page size: "arm64-64k"; or as uname says
 *
 * Returns NULL if there is none.
 */
const struct arch *arch_find(const char *name);

/**
 * arch_next() - all architectures, one after the other
 * @arch: the one before, or NULL for the first
 *
 * Returns NULL behind the last.
 */
const struct arch *arch_next(const struct arch *arch);

/**
 * arch_of_image() - which architecture an image is for
 * @path: the image's: by build/ARCH in it, else by the ELF file that it is or
 * that lies beside it, else by its directory
 * @configured: if it is in that one's directory, and nothing else tells
 *
 * Returns its name, for the caller to free; @configured's if nothing tells.
 */
char *arch_of_image(const char *path, const char *configured);

/**
 * arch_runs_here() - can this machine's KVM run its images?
 * @arch: which
 */
bool arch_runs_here(const struct arch *arch);

/* QEMU's words for a machine of each architecture: see runner/qemu_machine.c. */
void qemu_x86(struct job *job, struct words *argv);
void qemu_arm(struct job *job, struct words *argv);
void qemu_powerpc(struct job *job, struct words *argv);
void qemu_s390x(struct job *job, struct words *argv);
void qemu_riscv(struct job *job, struct words *argv);

#endif
