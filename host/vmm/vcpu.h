/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs: one thread each, that anyone can make stand still.
 *
 * A CPU stands still between two instructions: out of KVM_RUN, with its last
 * exit dealt with and completed by the kernel, so that its registers are whole.
 */
#ifndef HOST_VMM_VCPU_H
#define HOST_VMM_VCPU_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define VCPU_REASONS	48	/* counters; KVM_EXIT_* beyond share the last */
#define VCPU_KICK_SIGNAL	SIGUSR1	/* ends a KVM_RUN early, and does nothing else */
#define VCPU_WORKS	16

struct vcpu_work {
	void (*fn)(void *arg);
	void *arg;
};

struct vcpu {
	unsigned int index;	/* also its APIC id */
	int fd;
	struct kvm_run *run;
	struct kvm_dirty_gfn *ring;	/* of dirty pages, where the machine has it */
	uint32_t ring_next;		/* entry that comes next; counts on */
	int tid;		/* of its thread, 0 before that runs; atomic */
	bool frozen;		/* stays at rest when others go; set while all rest */
	bool apart;		/* it is not to run beside another; set while all rest */
	bool parked;		/* it stands still: under the stop's lock */
	uint64_t held_until;	/* host_ns(), 0: it is not; under the stop's lock */
	unsigned int steps;	/* to go until single steps end */
	uint64_t random;	/* perturbations': where its sequence is */
	unsigned int works;
	struct vcpu_work work[VCPU_WORKS];
	/*
	 * Returns of KVM_RUN by reason, those cut short by a signal under
	 * KVM_EXIT_INTR.  Its own thread writes them, others may read.
	 */
	uint64_t exits[VCPU_REASONS];
} __attribute__((aligned(64)));	/* no cache line belongs to two CPUs */

/**
 * vcpus_create(), vcpus_run() - make them; run them, without return
 */
void vcpus_create(void);
void vcpus_run(void) __attribute__((noreturn));

/**
 * vcpu_open() - make this CPU in the machine's VM, ready for its state
 */
void vcpu_open(struct vcpu *vcpu);

/**
 * vcpu_close() - give back what vcpu_open() made
 */
void vcpu_close(struct vcpu *vcpu);

/**
 * arch_vcpu_prepare() - what an architecture sets before a CPU has any state
 */
void arch_vcpu_prepare(struct vcpu *vcpu);

/**
 * vcpu_current() - the CPU whose thread calls, or NULL
 */
struct vcpu *vcpu_current(void);

/**
 * vcpu_kick() - make a CPU come out of KVM_RUN, once, and go back in
 * @vcpu: which; a signal handler may call, too
 */
void vcpu_kick(struct vcpu *vcpu);

/**
 * vcpu_halt() - let a CPU's thread sleep, for a kernel that does not know HLT
 * @vcpu: its own
 * @awake: is there an interrupt?  Whoever makes it true kicks the CPU.
 *
 * Returns early if the CPU is kicked for something else: it is to enter the guest,
 * which then halts again.
 */
void vcpu_halt(struct vcpu *vcpu, bool (*awake)(void));

/**
 * vcpu_step() - have a CPU come back behind each instruction, or no longer
 *
 * Returns false if KVM refuses.  The architecture's own breakpoints are gone.
 */
bool vcpu_step(struct vcpu *vcpu, bool on);

/**
 * vcpu_after_exit() - have work done once the current exit is complete
 * @fn: called with @arg by this CPU's thread, while all CPUs stand still
 *
 * For the handler of an exit: the port's value is in the register by then, and
 * the instruction behind it is next.
 */
void vcpu_after_exit(void (*fn)(void *arg), void *arg);

/**
 * vcpu_after_exit_once() - the same, unless it is to be done already
 *
 * A string instruction exits many times before anything else may be done.
 */
void vcpu_after_exit_once(void (*fn)(void *arg), void *arg);

/**
 * vcpu_hold() - have a CPU stand still for a while, from now on
 */
void vcpu_hold(struct vcpu *vcpu, uint64_t ns);

/**
 * vcpu_count() - count an exit of the calling thread's CPU
 * @reason: KVM_EXIT_…
 * @more: 1, or -1 to take back one that does not count
 */
void vcpu_count(struct vcpu *vcpu, unsigned int reason, int more);

/**
 * vcpu_exits() - exits of one CPU so far, without those cut short by a signal
 */
uint64_t vcpu_exits(const struct vcpu *vcpu);

/**
 * machine_stop() - make all CPUs stand still
 *
 * For any thread but a CPU's (there, vcpu_after_exit()).  Waits for CPUs that
 * deal with an exit; several callers take turns.
 */
void machine_stop(void);

/**
 * machine_hold() - make all CPUs come to rest, without waiting for it
 *
 * For any thread; until machine_release().  The caller, if it is a CPU's thread,
 * comes to rest when it goes back into KVM_RUN.
 */
void machine_hold(void);

/**
 * machine_release() - end machine_hold(), by whoever has stopped the machine since
 */
void machine_release(void);

/**
 * vcpu_stand() - a CPU's own thread: stand still here, behind KVM_RUN, as long as
 * the machine is to
 */
void vcpu_stand(struct vcpu *vcpu);

/**
 * machine_stands_still() - do all CPUs, for the caller's sake?
 */
bool machine_stands_still(void);

/**
 * machine_go() - let them run again
 */
void machine_go(void);

/**
 * machine_exits() - exits of all CPUs so far, without those cut short
 */
uint64_t machine_exits(void);

#endif
