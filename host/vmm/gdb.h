/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stub for gdb: the remote serial protocol (GDB manual, appendix E), over TCP on
 * this host or a Unix socket.  CPUs are threads, numbered from 1; all stop and go
 * together.
 *
 * The stub has a thread of its own.  A CPU that comes to a breakpoint reports it and
 * holds the machine; the stub's thread then stops it for good.
 */
#ifndef HOST_VMM_GDB_H
#define HOST_VMM_GDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "vmm/device.h"

struct vcpu;

/**
 * gdb_begin() - wait for the debugger that conduct.gdb asks for; CPUs that start
 * then stand still
 */
void gdb_begin(void);

/**
 * gdb_init(), gdb_serve() - make the stub ready; serve the debugger that is connected
 * until it leaves
 *
 * For gdb_begin(), and for tests.
 */
void gdb_init(void);
void gdb_serve(void);

/**
 * gdb_debug() - was this KVM_EXIT_DEBUG the debugger's?
 */
bool gdb_debug(struct vcpu *vcpu);

/**
 * gdb_refused() - was it a breakpoint of the debugger's that KVM could not emulate?
 */
bool gdb_refused(struct vcpu *vcpu);

/**
 * gdb_exit() - an exit has been dealt with: a step may end with it
 * gdb_interrupted() - KVM_RUN was cut short
 */
void gdb_exit(struct vcpu *vcpu);
void gdb_interrupted(struct vcpu *vcpu);

/**
 * gdb_last_look() - this CPU ends the machine: the debugger sees it first
 * @vcpu: which; behind KVM_RUN
 */
void gdb_last_look(struct vcpu *vcpu);

/**
 * gdb_end() - tell the debugger that the machine is over
 * @status: the process's exit status
 */
void gdb_end(int status);

/* The architecture's part; CPUs stand still. */

enum gdb_point { GDB_SOFTWARE, GDB_HARDWARE, GDB_WRITE, GDB_READ, GDB_ACCESS };

#define GDB_REGISTER_MAX	32	/* bytes of one */

/**
 * arch_gdb_init() - find out what this KVM can do, and what the image's words are
 */
void arch_gdb_init(void);

/**
 * arch_gdb_description() - append the target description, one XML document
 */
void arch_gdb_description(struct buf *to);

/**
 * arch_gdb_registers() - how many registers there are
 * arch_gdb_get(), arch_gdb_set() - one of them
 * @vcpu: whose
 * @number: as the description counts them
 * @bytes: in the guest's byte order; GDB_REGISTER_MAX of them
 *
 * get returns its size in bytes, or 0 if there is no such register; set returns
 * false if KVM does not take the value, or the register cannot be written.
 */
unsigned int arch_gdb_registers(void);
unsigned int arch_gdb_get(struct vcpu *vcpu, unsigned int number, uint8_t *bytes);
bool arch_gdb_set(struct vcpu *vcpu, unsigned int number, const uint8_t *bytes);

/**
 * arch_gdb_translate() - where a linear address lies
 *
 * Returns false if it is not mapped.
 */
bool arch_gdb_translate(struct vcpu *vcpu, uint64_t linear, gpa_t *physical);

/**
 * arch_gdb_walk() - append how a linear address is translated, lines
 */
void arch_gdb_walk(struct vcpu *vcpu, uint64_t linear, struct buf *to);

/**
 * arch_gdb_point() - a breakpoint or watchpoint in hardware, for all CPUs
 * @kind: not GDB_SOFTWARE
 * @on: set or clear
 *
 * Returns 0; -1 if there is no room for one more; 1 if this KVM has no such thing.
 */
int arch_gdb_point(enum gdb_point kind, uint64_t address, unsigned int size, bool on);

/**
 * arch_gdb_traps() - do trap instructions come to the VMM here?
 */
bool arch_gdb_traps(void);

/* The instruction by which GDB_SOFTWARE stops. */
extern const uint8_t arch_gdb_trap[];
extern const unsigned int arch_gdb_trap_size;

/* How a CPU goes on. */
enum gdb_go {
	GDB_GO,
	GDB_STEP,		/* one instruction, without interrupts where KVM can */
	GDB_STEPS,		/* one after the other, as the guest goes without us */
};

/**
 * arch_gdb_prepare() - tell KVM what is wanted of a CPU that will go on
 * @software: breakpoints by trap instructions are set
 *
 * KVM forgets about steps where it emulates an instruction: each one is asked for.
 */
void arch_gdb_prepare(struct vcpu *vcpu, bool software, enum gdb_go how);

/* Why a CPU stopped. */
struct gdb_why {
	enum gdb_point point;	/* GDB_SOFTWARE, GDB_HARDWARE, or a watchpoint */
	uint64_t address;	/* of that watchpoint */
	bool step;		/* or: a step has ended */
	bool trap;		/* a trap instruction: the caller knows whose */
	bool passes;		/* it is not there: going on passes it */
};

/**
 * arch_gdb_why() - what a KVM_EXIT_DEBUG was for
 *
 * Returns false if it is the guest's own, which gets it.
 */
bool arch_gdb_why(struct vcpu *vcpu, struct gdb_why *why);

/**
 * arch_gdb_reflect() - give the guest the trap that was its own
 */
void arch_gdb_reflect(struct vcpu *vcpu);

/**
 * arch_gdb_refused() - the linear address of a trap instruction that KVM could not
 * emulate
 *
 * Returns false if the exit was for something else.
 */
bool arch_gdb_refused(struct vcpu *vcpu, uint64_t *address);

/**
 * arch_gdb_pc() - the linear address of the next instruction
 */
uint64_t arch_gdb_pc(struct vcpu *vcpu);

/**
 * arch_gdb_state() - what a CPU does, in a word or two
 */
const char *arch_gdb_state(struct vcpu *vcpu);

/**
 * arch_gdb_forget() - the CPUs have run: registers are read anew
 */
void arch_gdb_forget(void);

#endif
