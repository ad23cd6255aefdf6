/* SPDX-License-Identifier: BSD-2-Clause */
/* VMMs behind one interface, and which of them runs a case. */
#ifndef HOST_RUNNER_BACKEND_H
#define HOST_RUNNER_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct ending;
struct job;
struct session;

struct backend {
	const char *name;	/* "kvm", "qemu" */
	/* Start the machine of job->boot; false with a reason if that fails. */
	bool (*start)(struct job *job, char *why, size_t size);
	/* The process is gone, its output taken: how did the machine end? */
	void (*finish)(struct job *job, int status, struct ending *ending);
	/* Has the machine told its end, though its process lives on?  Or NULL. */
	bool (*told)(const struct job *job);
	/* Ask the machine to end; it is killed a second later. */
	int stop_signal;
	/* The command a user would type, without newline. */
	void (*command)(struct job *job, struct buf *out);
};

extern const struct backend backend_kvm, backend_qemu;

enum vmm_choice {
	VMM_AUTO,
	VMM_EMBEDDED,
	VMM_QEMU,		/* whatever accelerates it */
	VMM_QEMU_KVM,
	VMM_QEMU_TCG,
};

/* What this host offers, found out when first needed. */
struct vmms {
	enum vmm_choice wanted;
	const char *accel;	/* $ACCEL, or NULL */
	bool kvm;		/* /dev/kvm works */
	char kvm_why[160];	/* why not */
	const char *kind;	/* of KVM: "kvm_intel", … */
	const char *qemu_given;	/* $QEMU, or NULL */
	bool qemu_sought;
	char *qemu;		/* path, or NULL: there is none */
	bool qemu_probed;
	bool qemu_pci_testdev;
	char qemu_version[32];	/* "7.2.0" */
};

/**
 * backend_named() - what a user's word for a VMM means
 * @name: "auto", "kvm", "qemu", "qemu-kvm", "qemu-tcg"
 * @choice: set to it
 *
 * Returns false if it means nothing.
 */
bool backend_named(const char *name, enum vmm_choice *choice);

/**
 * vmms_find() - find out what this host offers
 * @session: whose `vmms` is filled in from the environment
 *
 * Dies, saying what to install, if nothing can run a machine.
 */
void vmms_find(struct session *session);

/**
 * vmms_describe() - append which VMM runs what nobody restricts
 * @session: whose
 * @out: where to
 */
void vmms_describe(struct session *session, struct buf *out);

/**
 * vmms_fallback() - does the usual VMM differ from the one asked for by default?
 * @session: whose
 */
bool vmms_fallback(const struct session *session);

/**
 * backend_choose() - choose a job's VMM and accelerator
 * @job: its machine is known
 * @why: on failure the reason, one line; else why QEMU has to stand in, or ""
 * @size: bytes at @why
 *
 * Returns false if none can run it: a declared need is absent.
 */
bool backend_choose(struct job *job, char *why, size_t size);

/**
 * backend_kind() - which kind of host and VMM this job runs on
 * @job: its backend is chosen
 *
 * Returns "kvm_intel", "kvm_pvm", …, or "tcg".
 */
const char *backend_kind(const struct job *job);

/**
 * qemu_path() - the QEMU to use, sought once
 * @session: whose
 *
 * Returns NULL if there is none.  Dies if $QEMU is set and is not QEMU.
 */
const char *qemu_path(struct session *session);

/**
 * qemu_probe() - ask QEMU what it has, once
 * @session: whose
 *
 * Dies if it lacks the test device.
 */
void qemu_probe(struct session *session);

/**
 * qemu_max_cpus() - how many CPUs QEMU can make
 * @session: whose
 * @wanted: how many would be wanted
 */
unsigned int qemu_max_cpus(struct session *session, unsigned int wanted);

/**
 * child_prepare() - in a new child: a process group of its own, default signals,
 * death with the runner, /dev/null as standard input
 * @parent: the runner's process id
 * @output: becomes standard output, and
 * @errors: standard error
 */
void child_prepare(int parent, int output, int errors);

/**
 * environment_add() - append a guest's environment (NAME=value lines)
 * @job: whose
 * @out: where to
 */
void environment_add(struct job *job, struct buf *out);

#endif
