/* SPDX-License-Identifier: BSD-2-Clause */
/* What all jobs of one call share. */
#ifndef HOST_RUNNER_SESSION_H
#define HOST_RUNNER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/backend.h"
#include "runner/known.h"
#include "runner/settings.h"

struct arch;
struct command;
struct job;
struct symbols;
struct report;
struct run_info;
struct words;

struct session {
	const char *program;	/* as it was called */
	struct settings config;	/* config.mak */
	const char *arch;	/* of the images, and maybe their page size */
	const struct arch *target;	/* what that means */
	const char *configured_arch;
	bool elsewhere;		/* in another tree, built or not: ours is not to be used */
	char *tree;		/* where images and cases are: "" or "/usr/lib/flatbed/" */
	char *test_dir;		/* of the tree's: "x86" */
	struct vmms vmms;
	enum vmm_choice wanted;	/* the VMM that the user asks for */
	struct known known;
	struct report *reports;
	int tick_ms;		/* reports want to be told of time; 0: none does */
	char *run_directory;	/* of this run's logs: "logs/runs/ID"; NULL: none */
	bool errata_force;
	bool need_vmm_line;	/* say so when a case has to go to QEMU */
	bool single;		/* one image, by hand: VMMs may be chatty */
	bool allow_flaky;	/* what passes at another attempt is not red */
	char *resumed;		/* folder of the run that goes on, or NULL */
	bool allow_xpass;	/* a recorded failure that is gone is not red */
	int status;		/* exit status that mistakes have earned, or 0 */
};

/**
 * session_start() - read config.mak and the environment
 * @session: filled in
 * @program: argv[0]
 * @arch: architecture of the images, or NULL for the configured one
 *
 * The tree is the current folder, or the one that the runner was installed with.
 * Returns false if there is no config.mak; the rest has defaults then.  Dies if
 * there is no such architecture.
 */
bool session_start(struct session *session, const char *program, const char *arch);

/**
 * session_target() - images of another architecture from now on
 * @session: whose
 * @arch: its name; stays
 *
 * Dies if there is no such architecture.
 */
void session_target(struct session *session, const char *arch);

/**
 * session_known() - read the known failures, if there are any
 * @session: its test directory is known
 * @image: all that are about this one; stays.  NULL: all
 */
void session_known(struct session *session, const char *image);

/**
 * session_file() - the path of a file of the tree
 * @session: whose
 * @name: relative to the tree
 *
 * Returns it, for the caller to free.
 */
char *session_file(const struct session *session, const char *name);

/**
 * session_image() - the path of an image
 * @session: whose
 * @file: relative to the test directory
 *
 * Returns it, for the caller to free.
 */
char *session_image(const struct session *session, const char *file);

/**
 * complain() - a message on standard error, "flatbed: …"
 * @format: printf()'s, without newline
 */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * complain_line() - a message as it is
 * @message: one line, without newline
 */
void complain_line(const char *message);

/**
 * duration_ns() - a duration as timeout(1) takes it
 * @text: "90", "90s", "1.5m", "2h", "1d"
 * @ns: set to nanoseconds
 *
 * Returns false if it is none.
 */
bool duration_ns(const char *text, uint64_t *ns);

/**
 * now_ns() - the monotonic clock, in nanoseconds
 */
uint64_t now_ns(void);

/* Where jobs come from, and how many run at once. */
struct work {
	/* The next job, set up or decided; NULL: none for now. */
	struct job *(*take)(void *context);
	/*
	 * A job that has waited is about to begin: as it would be now, or itself.  NULL: jobs
	 * do not change.
	 */
	struct job *(*renew)(void *context, struct job *job);
	/*
	 * Told of each job before reports are; returns whether others are to begin.
	 * NULL: they are.
	 */
	bool (*judged)(void *context, struct job *job);
	void *context;
	unsigned int cpus;	/* to fill: a case takes as many as its machine has */
	uint64_t memory;	/* bytes, likewise; 0: any */
	bool in_order;		/* jobs begin in the order in which they come */
	uint64_t until;		/* ns: then all stops; 0: never */
};

/* Why a run ended before its work was done. */
struct outcome {
	int signal;		/* that ended it, or 0 */
	bool timeout;		/* its time was over */
};

/**
 * schedule() - run jobs
 * @session: whose reports are told
 * @work: which
 *
 * Each job is freed once its verdict is reported.  Once none runs and none
 * comes, it is over.
 */
struct outcome schedule(struct session *session, const struct work *work);

/**
 * job_symbols() - the symbols of a job's image, read when first asked
 * @job: whose
 *
 * Returns NULL if they cannot be read; base/symbols.h takes that for none.
 */
struct symbols *job_symbols(struct job *job);

/**
 * symbols_show() - show what a stack line's addresses mean
 * @job: whose image it is
 * @stack: the line behind "STACK:"
 */
void symbols_show(struct job *job, const char *stack);

/**
 * run_info_make() - what is true of this run
 * @run: filled in; run_info_free() gives it back
 * @session: started, its VMMs found
 * @id: of the run
 * @jobs: CPUs to fill
 * @words: as the user called it, ended by NULL
 */
void run_info_make(struct run_info *run, struct session *session, const char *id,
		   unsigned int jobs, char **words);

/* Subcommands: see runner/options.h. */
extern const struct command suite_command, run_command, list_command, history_command,
	compare_command, diff_command, report_command, known_command, standalone_command,
	manual_command, completion_command, record_command, doctor_command, bisect_command;

#endif
