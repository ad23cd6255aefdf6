/* SPDX-License-Identifier: BSD-2-Clause */
/* VMMs behind one interface, and which of them runs a case. */
#ifndef HOST_RUNNER_BACKEND_H
#define HOST_RUNNER_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/cache.h"

struct buf;
struct ending;
struct job;
struct session;
struct words;

struct backend {
	const char *name;	/* "kvm", "qemu" */
	/*
	 * 0: it can be this job's machine.  Else a reason: 1, the host or the VMM
	 * lacks what the case needs; -1, it does not understand the case's options.
	 */
	int (*refuses)(struct job *job, char *why, size_t size);
	/* Start the machine of job->boot; false with a reason if that fails. */
	bool (*start)(struct job *job, char *why, size_t size);
	/* The process is gone, its output taken: how did the machine end? */
	void (*finish)(struct job *job, int status, struct ending *ending);
	/* Has the machine told its end, though its process lives on?  Or NULL. */
	bool (*told)(const struct job *job);
	/* Is it there at all?  NULL: it is, or says in another way that it is not. */
	bool (*usable)(const char *template, char *why, size_t size);
	/* Ask the machine to end; it is killed a second later. */
	int stop_signal;
	/* The command a user would type, without newline. */
	void (*command)(struct job *job, struct buf *out);
	/* Is this line of the console the image's?  May shorten it.  NULL: all are. */
	bool (*console)(struct job *job, char *text);
	/* Is this line on standard error worth showing?  NULL: all are. */
	bool (*error)(struct job *job, const char *text);
	/* A machine without a device for the status says it in a line. */
	bool tells_status;
	/* Its machines can go on in another process while they run. */
	bool migrates;
	/* It starts UEFI applications, too. */
	bool starts_efi;
};

extern const struct backend backend_kvm, backend_qemu, backend_bochs, backend_kvmtool,
	backend_command, backend_host;

enum vmm_choice {
	VMM_AUTO,
	VMM_EMBEDDED,
	VMM_QEMU,		/* whatever accelerates it */
	VMM_QEMU_KVM,
	VMM_QEMU_TCG,
	VMM_BOCHS,
	VMM_KVMTOOL,
	VMM_COMMAND,		/* a program of the user's */
};

/* A VMM that the user asks for. */
struct vmm_wish {
	enum vmm_choice choice;
	const char *word;	/* the user's */
	const char *template;	/* VMM_COMMAND: how it is called */
};

/* What this host offers, found out when first needed. */
struct vmms {
	const char *accel;	/* $ACCEL, or NULL */
	bool kvm;		/* /dev/kvm works for the session's images */
	bool embedded;		/* and the embedded VMM is of their architecture */
	bool kvm_lacks;		/* what they need, so that only who asks for it gets it */
	char kvm_why[160];	/* why not */
	const char *qemu_given;	/* $QEMU, or NULL */
	bool qemu_sought;
	char *qemu;		/* path, or NULL: there is none */
	bool qemu_probed;
	struct cache qemu_facts;
	bool qemu_may_have;	/* the device that the architecture's machine may have */
	char qemu_version[32];	/* "7.2.0" */
};

/**
 * backend_named() - what a user's word for a VMM means
 * @name: "auto", "kvm", "qemu", "qemu-kvm", "qemu-tcg", "bochs"
 * @choice: set to it
 *
 * Returns false if it means nothing.
 */
bool backend_named(const char *name, enum vmm_choice *choice);

/**
 * vmm_wishes_read() - add the VMMs that a user names
 * @text: words separated by commas; "command:TEMPLATE" goes up to the end
 * @list: appended to
 * @count: of @list
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 *
 * Returns false if a word means nothing, or was named before.
 */
bool vmm_wishes_read(const char *text, struct vmm_wish **list, size_t *count, char *why,
		     size_t size);

/**
 * backend_word() - the user's word for a VMM
 * @choice: which
 */
const char *backend_word(enum vmm_choice choice);

/**
 * vmms_find() - find out what this host offers
 * @session: whose `vmms` is filled in from the environment
 */
void vmms_find(struct session *session);

/**
 * vmms_check() - is there what is wanted?
 * @session: vmms_find() has been called
 * @wanted: by the user
 * @template: of VMM_COMMAND, or NULL
 *
 * Dies, saying what to install, if nothing can run a machine.
 */
void vmms_check(struct session *session, enum vmm_choice wanted, const char *template);

/**
 * vmms_describe() - append which VMM runs what nobody restricts
 * @session: whose
 * @wanted: by the user
 * @out: where to
 */
void vmms_describe(struct session *session, enum vmm_choice wanted, struct buf *out);

/**
 * vmms_fallback() - is it KVM that one would expect, and something else that runs?
 * @session: whose
 * @wanted: by the user
 */
bool vmms_fallback(const struct session *session, enum vmm_choice wanted);

/**
 * accel_is() - does a text name this accelerator?
 * @accel: "kvm,property=…"; or NULL, which names none
 * @name: "kvm"
 */
bool accel_is(const char *accel, const char *name);

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
 * Returns "tcg", …, or NULL: this host's KVM, vm_host_kind().
 */
const char *backend_kind(const struct job *job);

/**
 * backend_perturbed() - what is done to this job's machines that must not matter
 * @job: its backend is chosen
 *
 * Returns the words of conduct_perturbed(), or NULL.
 */
const char *backend_perturbed(const struct job *job);

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
 * qemu_has_cpu() - does QEMU list this CPU model?
 * @session: whose
 * @model: "max"
 */
bool qemu_has_cpu(struct session *session, const char *model);

/**
 * qemu_max_cpus() - how many CPUs QEMU can make
 * @session: whose
 * @wanted: how many would be wanted
 */
unsigned int qemu_max_cpus(struct session *session, unsigned int wanted);

/**
 * environment_add() - append a guest's environment (NAME=value lines)
 * @job: whose
 * @out: where to
 */
void environment_add(struct job *job, struct buf *out);

/**
 * environment_hand_over() - the environment as a file that an option names
 * @job: whose
 * @argv: option and file are appended, unless there is nothing in it
 * @option: "-initrd"
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 */
bool environment_hand_over(struct job *job, struct words *argv, const char *option,
			   char *why, size_t size);

/**
 * environment_add_needed() - append what this image makes use of
 * @job: whose
 * @out: where to
 *
 * Our own for x86 know of no erratum and need no environment to speak of, and reading
 * it costs them time where every instruction is emulated.
 */
void environment_add_needed(struct job *job, struct buf *out);

#endif
