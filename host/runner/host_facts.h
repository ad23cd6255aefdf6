/* SPDX-License-Identifier: BSD-2-Clause */
/* What this machine and its kernel are, as reports and known failures name them. */
#ifndef HOST_RUNNER_HOST_FACTS_H
#define HOST_RUNNER_HOST_FACTS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct host_facts {
	char *vendor;		/* of the CPU: "intel", "amd", "arm", …; else as it says */
	char *cpu;		/* one line: name, family/model/stepping, microcode */
	char *machine;		/* "x86_64" */
	char *kernel;		/* release: "6.1.0-13-amd64" */
	char *build;		/* of the kernel: "#1 SMP …" */
	const char *kvm;	/* kind: "kvm_intel", …; "kvm" if no module tells */
	const char *beneath;	/* hypervisor that this host runs on: "tcg", …, "none" */
	bool virtual;		/* the CPU says that a hypervisor is there */
};

/**
 * host_facts() - what this host is, found out once
 */
const struct host_facts *host_facts(void);

/**
 * host_modules() - append the KVM modules' parameters, one module a line
 * @out: where: "kvm_intel: ept=Y nested=N …"
 *
 * Modules are those below /sys/module whose names begin with "kvm".
 */
void host_modules(struct buf *out);

/**
 * text_file() - the first line of a small file
 * @path: which
 *
 * Returns it, for the caller to free; NULL with errno set if it cannot be read.
 */
char *text_file(const char *path);

/**
 * version_compare() - compare versions number by number: 6.9 is before 6.10
 * @a: "6.1.0-13-amd64"
 * @b: "6.10"; what it leaves out is not compared
 *
 * Returns less than, equal to or greater than 0.
 */
int version_compare(const char *a, const char *b);

#endif
