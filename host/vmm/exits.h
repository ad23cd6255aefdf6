/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What KVM_RUN returned for: every KVM_EXIT_* and its fields, described once.  The
 * ring of last exits, the live trace and JSON all come from the description.
 */
#ifndef HOST_VMM_EXITS_H
#define HOST_VMM_EXITS_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"

#define EXIT_FIELDS	5

/* One exit, small enough to be kept of each: a cache line. */
struct vm_exit {
	uint64_t time;		/* CLOCK_MONOTONIC, ns */
	uint64_t pc;
	uint32_t reason;	/* KVM_EXIT_* */
	uint32_t type;		/* which kind of that reason, see struct exit_row */
	uint64_t field[EXIT_FIELDS];
} __attribute__((aligned(64)));

enum exit_field_kind { EXIT_HEX, EXIT_NUMBER, EXIT_WORD };

struct exit_field {
	const char *name;	/* NULL behind the last */
	enum exit_field_kind kind;
	uint16_t offset;	/* in struct kvm_run */
	uint16_t size;		/* bytes, 1 to 8 */
	const char *const *words;	/* of EXIT_WORD: what 0, 1, … mean; NULL ends */
};

struct exit_row {
	uint32_t reason;	/* KVM_EXIT_* */
	/* The structure is an union: this row is for the value of its first word. */
	bool only;
	uint32_t type;
	const char *name;	/* as in linux/kvm.h, in lower case */
	const char *group;	/* word of --trace: "io", "mmio", … */
	struct exit_field fields[EXIT_FIELDS];
};

#define EXIT_FIELD(field_kind, field_name, member)			\
	{ .name = (field_name), .kind = (field_kind),			\
	  .offset = offsetof(struct kvm_run, member),			\
	  .size = sizeof(((struct kvm_run *)0)->member) }
#define EXIT_WORDS(field_name, member, ...)				\
	{ .name = (field_name), .kind = EXIT_WORD,			\
	  .offset = offsetof(struct kvm_run, member),			\
	  .size = sizeof(((struct kvm_run *)0)->member),		\
	  .words = (const char *const[]){ __VA_ARGS__, NULL } }

/* An architecture's own rows, which are tried first; ended by a name of NULL. */
extern const struct exit_row arch_exit_rows[];

/**
 * exit_capture() - what an exit says; its handler has not seen it yet
 * @exit: filled in, but for `time` and `pc`
 * @run: as KVM_RUN left it
 */
void exit_capture(struct vm_exit *exit, const struct kvm_run *run);

/**
 * exit_complete() - add what the handler answered: the value of a read
 * @exit: from exit_capture()
 * @run: as the handler left it
 */
void exit_complete(struct vm_exit *exit, const struct kvm_run *run);

/**
 * exit_name() - "io", "mmio", …; of a number that is not known, "reason 77"
 * @reason: KVM_EXIT_*
 */
const char *exit_name(uint32_t reason);

/**
 * exit_group() - the word by which --trace knows an exit
 * @exit: which
 */
const char *exit_group(const struct vm_exit *exit);

/**
 * exit_group_known() - is this the word of any exit?
 * @word: not terminated
 * @length: bytes at @word
 */
bool exit_group_known(const char *word, size_t length);

/**
 * exit_groups() - append all words, with ", " in front of each
 * @to: where to
 */
void exit_groups(struct str *to);

/**
 * exit_text() - append an exit: "io port=0xf4 direction=out size=4 …"
 * @to: where to
 * @exit: which
 */
void exit_text(struct str *to, const struct vm_exit *exit);

/**
 * exit_json() - append an exit's members: "reason", its fields
 * @json: inside an object
 * @exit: which
 */
void exit_json(struct json_out *json, const struct vm_exit *exit);

#endif
