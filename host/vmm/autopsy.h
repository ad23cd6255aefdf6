/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the VMM writes down for whoever has to explain the machine's end.  It lies
 * behind struct vm_end, in memory of the parent's: the child only records, and the
 * parent, which may read files and has no guest, makes text of it.
 */
#ifndef HOST_VMM_AUTOPSY_H
#define HOST_VMM_AUTOPSY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/symbols.h"
#include "vmm/exits.h"
#include "vmm/vm.h"

struct vcpu;

#define RECORD_EXITS	64	/* a power of two */
#define RECORD_SAMPLES	16
#define RECORD_FRAMES	20
#define RECORD_INSN	16
#define RECORD_ARCH	6144	/* bytes for the architecture's state */

enum cpu_state {
	CPU_RUNS,
	CPU_HALTED,		/* until an interrupt comes */
	CPU_HALTED_OFF,		/* and none can come */
	CPU_NOT_STARTED,
};

/* One CPU's. */
struct vm_record {
	uint64_t exits;			/* so far; the last are in `exit` */
	struct vm_exit exit[RECORD_EXITS];
	uint32_t samples;
	uint64_t sample[RECORD_SAMPLES];	/* program counters, milliseconds apart */
	/* Filled in by arch_record_take(); valid if `taken`. */
	uint32_t taken;			/* atomic, set last */
	uint8_t state;			/* enum cpu_state */
	uint8_t isa;			/* enum isa */
	uint8_t insn_size;
	uint8_t frames;
	uint8_t was_reset;		/* the CPU is as behind a reset */
	uint8_t insn[RECORD_INSN];	/* bytes at `pc`, as far as readable */
	uint64_t pc;
	uint64_t frame[RECORD_FRAMES];	/* return addresses, innermost first */
	uint8_t arch[RECORD_ARCH] __attribute__((aligned(64)));
};

/**
 * record_of() - a CPU's record
 * @end: from vm_end_create()
 * @cpu: below vm_end_cpus()
 */
struct vm_record *record_of(const struct vm_end *end, unsigned int cpu);

/* In the machine's process. */

/**
 * record_exit(), record_done() - keep one return of KVM_RUN, before and after it
 * is dealt with; by the CPU's own thread
 */
void record_exit(struct vcpu *vcpu);
void record_done(struct vcpu *vcpu);

/**
 * record_interrupted() - KVM_RUN was cut short; by the CPU's own thread
 */
void record_interrupted(struct vcpu *vcpu);

/**
 * record_stepped() - was this KVM_EXIT_DEBUG a step for the record's sake?
 */
bool record_stepped(struct vcpu *vcpu);

/**
 * record_unclaimed() - keep an access that no device claims
 * @vcpu: whose exit it is
 * @access: all but `cpu` and `pc`
 *
 * The machine ends if it is strict.
 */
void record_unclaimed(struct vcpu *vcpu, struct vm_access access);

/**
 * record_all() - every CPU's state, as far as they stand still in time
 *
 * No CPU runs after it.  Called once, by whoever ends the machine.
 */
void record_all(void);

/**
 * record_sigterm() - keep SIGTERM away until it can be heard
 * @how: SIG_BLOCK or SIG_UNBLOCK
 */
void record_sigterm(int how);

/**
 * record_on_sigterm() - from now on SIGTERM samples the CPUs, and ends the machine
 *
 * Unblocks it.  Before there are CPUs, it waits for them.
 */
void record_on_sigterm(void);

/**
 * record_asked() - whether SIGTERM came
 */
bool record_asked(void);

/**
 * record_begin() - the CPUs are there, and about to run
 */
void record_begin(void);

/**
 * arch_record_take() - a CPU's state, while it stands still
 * @vcpu: which
 * @record: filled in, but for `taken`
 */
void arch_record_take(struct vcpu *vcpu, struct vm_record *record);

/**
 * arch_pc() - where a CPU is, behind KVM_RUN; cheap
 */
uint64_t arch_pc(const struct vcpu *vcpu);

/* In the parent, which trusts nothing that the child wrote. */

/**
 * arch_record_check() - bring all counts and indices of a copy within bounds
 */
void arch_record_check(struct vm_record *record);

/**
 * arch_record_text(), arch_record_json() - append the architecture's state
 * @record: taken
 * @to, @json: where: lines, each with one tab in front; members of an object
 */
void arch_record_text(const struct vm_record *record, struct buf *to);
void arch_record_json(const struct vm_record *record, struct json_out *json);

/**
 * doing_text() - append what a CPU does: "spins in f() at x86/a.c:12"
 * @end: of a child that has ended
 * @cpu: which
 * @record: its record, checked and taken
 * @symbols: of the image, or NULL
 * @to: where to
 */
void doing_text(const struct vm_end *end, unsigned int cpu, const struct vm_record *record,
		struct symbols *symbols, struct buf *to);

#endif
