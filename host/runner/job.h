/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A job is one case on its way: from what the user wrote, over the machines it
 * boots (one, or as many as it takes to get past a TEST that ends the machine),
 * to a verdict.
 */
#ifndef HOST_RUNNER_JOB_H
#define HOST_RUNNER_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "runner/backend.h"
#include "runner/lines.h"
#include "runner/machine.h"
#include "runner/plan.h"
#include "runner/tally.h"
#include "runner/words.h"

struct bochs;
struct cfg_case;
struct known_entry;
struct report;
struct results;
struct session;
struct symbols;
struct unit;
struct watch;

/* How a machine ended. */
enum ending_kind {
	ENDING_VERDICT,		/* code: what the image left */
	ENDING_SHUTDOWN,	/* a triple fault */
	ENDING_POWER_OFF,
	ENDING_INTERNAL_ERROR,	/* the hypervisor gave up */
	ENDING_UNSUPPORTED,	/* the machine cannot be had: text says why */
	ENDING_ERROR,		/* the VMM gave up: text says why; code: its status */
	ENDING_SIGNAL,		/* the VMM died of signal `code` */
	ENDING_STOPPED,		/* it ended because it was asked to: text says what it did */
	ENDING_TIMEOUT,		/* text says what it did, or is "" */
	ENDING_INTERRUPTED,
};

struct ending {
	enum ending_kind kind;
	unsigned int code;
	char text[600];		/* one line, for people; may be "" */
};

enum verdict {
	VERDICT_NONE,
	VERDICT_PASS,
	VERDICT_XFAIL,		/* all failures are recorded */
	VERDICT_SKIP,
	VERDICT_FAIL,
	VERDICT_XPASS,		/* a recorded failure is gone */
	VERDICT_TIMEOUT,
	VERDICT_ERROR,		/* Flatbed could not tell */
	VERDICT_FLAKY,		/* repeated, and not always the same */
	VERDICT_INTERRUPTED,
};

/* Why a machine was stopped from outside. */
enum stop { STOP_NOT, STOP_TOLD, STOP_TIMEOUT, STOP_INTERRUPT, STOP_INTERNAL_ERROR };

#define BOOT_FILES	4

/* The machine that runs. */
struct boot {
	pid_t pid;		/* leads a process group; 0 if there is none */
	int console, errors;	/* pipes' read ends, -1 when at their end */
	uint64_t kill_at;	/* ns; when it is killed, after being asked to end */
	enum stop stop;
	bool killed;		/* it did not end when asked to, or when it was over */
	struct lines console_lines, error_lines, text_lines;
	struct buf error_text;	/* lines on standard error that are no warnings */
	struct buf last_words;	/* of the VMM, as its backend understands them */
	bool spoke;		/* there was output on the console */
	unsigned int banner;	/* lines that framed the VMM's own first words */
	int told_status;	/* that the image printed, or -1 */
	int first, only;	/* TESTs as in abi/verdict.h; -1: not said */
	int first_index;	/* where this boot begins in the plan */
	unsigned int results[ABI_RESULT_COUNT];	/* the tally's, before it */
	/* the embedded VMM's */
	struct vm_end *end;
	void *ledger;
	int ledger_fd;
	/* other programs' */
	bool starting;		/* its command is being made, not only shown */
	int input;		/* descriptor, 0: none; of what the guest is to read */
	struct watch *watch;	/* moves or watches the machine; or NULL */
	int files[BOOT_FILES];	/* that they read */
	unsigned int file_count;
};

enum line_origin { LINE_CONSOLE, LINE_STDERR, LINE_RUNNER };

/* A line as reports see it. */
struct line {
	const char *text;	/* as it is shown, without newline */
	size_t length;
	enum line_origin origin;
	bool is_result;
	enum abi_result result;
	const char *what;	/* of a result: behind "WORD: ", terminated */
	const struct known_entry *known;
};

struct job {
	struct session *session;
	const struct cfg_case *cfg;	/* NULL: not from a file */
	struct unit *unit;		/* of the suite, or NULL */
	char *name;
	char *label;			/* the name, and what tells it from others of it */
	char *image;			/* path */
	char *file;			/* file name, for messages */
	struct words options;		/* QEMU's, as behind the image's name */
	struct words kvmtool_options;
	const char *command_template;	/* of a VMM of the user's, or NULL */
	char *only;			/* patterns of the TESTs to run, words; NULL: all */
	bool alone;			/* nothing is to run beside it */
	unsigned int attempt;		/* from 1; higher: it was red, and is tried again */
	bool superseded;		/* another attempt follows: this verdict counts not */
	struct machine machine;
	char *timeout;			/* duration as written, "" for none */
	uint64_t timeout_ns;		/* 0 for none */
	enum vmm_choice wanted;		/* the VMM that the user asks for */
	const char *accel;		/* "kvm" or "tcg", with properties; "bochs" */
	const struct backend *backend;
	struct bochs *bochs;		/* the backend's, and */
	const char *bochs_model;	/* its CPU */
	struct plan plan;
	struct tally tally;
	bool set_up;			/* plan and tally are there */
	/* machines */
	struct boot boot;
	unsigned int boots;
	unsigned int moves;		/* from one VMM's process to another */
	uint64_t started, deadline;	/* ns; deadline 0: none */
	uint64_t recorded;		/* ns: when a TEST last began or ended in the ledger */
	bool *tried;			/* TESTs that had a boot of their own */
	int next_first;			/* where the next boot begins */
	bool main_over;			/* the TESTs that share a boot are through */
	bool stopped;			/* no further boot */
	struct ending ending;		/* of the last machine */
	bool abnormal;			/* one ended as it should not */
	struct buf error;		/* the first thing that Flatbed could not tell */
	struct buf failure;		/* a failure that no result line shows */
	/* the end */
	enum verdict verdict;
	struct buf text;		/* in parentheses behind the name */
	bool bare;			/* no parentheses: there is no text */
	struct buf failing;		/* first failing lines, one TAB in front */
	unsigned int failing_lines;
	struct results *results;	/* what reports write; complete at the end */
	void *collection;		/* the results report's */
	void *log;			/* the log report's */
	struct symbols *symbols;	/* job_symbols()'s */
	bool symbols_sought;
	char *log_path;			/* of its log, or NULL */
	bool excused;			/* red, but as in the baseline */
	bool failing_shown;		/* a failing line was reported */
	struct buf held;		/* the TAP report's lines, until the verdict stands */
};

/**
 * job_set_up() - read the plan, make the machine of the options, choose the VMM
 * @job: image, name, options and timeout are filled in
 *
 * Returns whether it is to run; otherwise the verdict stands.
 */
bool job_set_up(struct job *job);

/**
 * job_tally() - begin to count what the image reports
 * @job: its backend is chosen, its plan read
 */
void job_tally(struct job *job);

/**
 * job_selects() - is this TEST to run?
 * @job: its plan is read
 * @index: which TEST
 */
bool job_selects(const struct job *job, size_t index);

/**
 * job_own_boot() - does this TEST get a machine of its own, as it ends it?
 * @job: set up
 * @index: which TEST
 */
bool job_own_boot(const struct job *job, size_t index);

/**
 * job_next() - prepare the next machine's boot
 * @job: set up
 *
 * Returns false if there is none to come.
 */
bool job_next(struct job *job);

/**
 * job_boot_over() - judge a machine's end
 * @job: whose machine it was; its output has been taken
 * @ending: how it ended
 */
void job_boot_over(struct job *job, const struct ending *ending);

/**
 * job_judge() - the verdict, once no machine is to come
 * @job: whose
 */
void job_judge(struct job *job);

/**
 * job_decide() - give a verdict without a machine
 * @job: whose
 * @verdict: what
 * @format: printf()'s: the text in parentheses
 */
void job_decide(struct job *job, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * job_status() - the exit status that the verdict gives a run of one image
 * @job: judged
 */
int job_status(const struct job *job);

/**
 * verdict_red() - does a verdict make a run red?
 * @session: says what is allowed
 * @verdict: which
 */
bool verdict_red(const struct session *session, enum verdict verdict);

/**
 * job_red() - is the verdict one that makes a run red?
 * @job: judged
 */
bool job_red(const struct job *job);

/**
 * job_console() - bytes from the machine's console
 * @job: whose
 * @bytes: what
 * @size: how many
 */
void job_console(struct job *job, const char *bytes, size_t size);

/**
 * job_errors() - bytes from the VMM's standard error
 * @job: whose
 * @bytes: what
 * @size: how many
 */
void job_errors(struct job *job, const char *bytes, size_t size);

/**
 * job_output_take() - take all that the machine has printed so far
 * @job: whose
 */
void job_output_take(struct job *job);

/**
 * job_fail() - note a failure that no result line shows
 * @job: whose
 * @text: what failed; the first such text counts
 */
void job_fail(struct job *job, const char *text);

/**
 * job_flush() - take what awaits the end of its line
 * @job: whose machine has ended
 */
void job_flush(struct job *job);

/**
 * job_drain() - take what the image wrote into the ledger
 * @job: on the embedded VMM
 * @dead: the machine has died
 */
void job_drain(struct job *job, bool dead);

/**
 * job_say() - a line of the runner's own among the image's
 * @job: whose
 * @format: printf()'s, without newline
 */
void job_say(struct job *job, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * job_line() - show a line to all reports
 * @job: whose
 * @line: what
 */
void job_line(struct job *job, const struct line *line);

/**
 * job_result() - take a result, whatever way it came, and show its line
 * @job: whose
 * @result: which
 * @what: of what; terminated
 * @ending: bytes between the text and the newline: "\r" or ""
 */
void job_result(struct job *job, enum abi_result result, const char *what,
		const char *ending);

/**
 * job_free() - give the memory back
 * @job: which
 */
void job_free(struct job *job);

#endif
