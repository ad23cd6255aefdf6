/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that makes up the machine but its memory: what the kernel keeps for the VM
 * and for each CPU, and what devices remember.  Taken, put and compared while
 * all CPUs stand still.
 *
 * It is a list of parts.  An architecture's tables name what its kernel has, in
 * the order in which KVM's API wants it put; it is taken in the reverse order.
 */
#ifndef HOST_VMM_STATE_H
#define HOST_VMM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/machine.h"

struct slot;
struct vcpu;

struct state_part {
	const char *name;
	bool (*there)(void);	/* whether this machine has it; NULL: it does */
	size_t (*size)(void);	/* in bytes, the same for all CPUs; 0: as not there */
	/* Return 0, or -1 with errno.  Those of the VM get no CPU. */
	int (*take)(struct vcpu *vcpu, void *to);
	int (*put)(struct vcpu *vcpu, const void *from);
	/*
	 * Clears what moves on by itself in a copy that is compared or hashed;
	 * NULL: nothing does.
	 */
	void (*settle)(void *copy);
	/* Says which register @offset is in, for people; NULL: a number will do. */
	void (*where)(const void *part, size_t offset, char *text, size_t size);
};

/* Ended by a part without a name. */
extern const struct state_part arch_vm_parts[], arch_cpu_parts[];

/*
 * STATE_PLAIN() - a part's functions, if it is one structure and one ioctl each way
 * STATE_PART() - members of struct state_part, by the names of its functions
 *
 * The kernel may leave out what it has nothing to say about, and all is compared.
 */
#define STATE_PLAIN(part, type, get, set)				\
static size_t part##_size(void)						\
{									\
	return sizeof(type);						\
}									\
									\
static int part##_take(struct vcpu *vcpu, void *to)			\
{									\
	memset(to, 0, sizeof(type));					\
	return ioctl(vcpu ? vcpu->fd : machine.vm, get, to);		\
}									\
									\
static int part##_put(struct vcpu *vcpu, const void *from)		\
{									\
	return ioctl(vcpu ? vcpu->fd : machine.vm, set, from);		\
}

#define STATE_PART(part, text)						\
	.name = (text), .size = part##_size, .take = part##_take,	\
	.put = part##_put

/**
 * arch_cpu_clear() - get a CPU that has settled out of what putting cannot undo
 */
void arch_cpu_clear(struct vcpu *vcpu);

/**
 * arch_memory_learn() - find out what the kernel derives from memory, while files
 * can still be opened
 * @soon: it will have to forget that: be ready
 */
void arch_memory_learn(bool soon);

/**
 * arch_memory_forget() - have the kernel forget what it derived from memory
 *
 * While all CPUs stand still and memory is changed behind the kernel's back.
 * Putting a CPU's state forgets what that CPU itself derived.
 */
void arch_memory_forget(void);

struct state;

/**
 * state_new() - room for a state of this machine
 */
struct state *state_new(void);

/**
 * state_take() - fill it in from the machine
 */
void state_take(struct state *state);

/**
 * state_put() - make the machine so
 */
void state_put(const struct state *state);

/* A piece of a state, as a file has it. */
struct state_piece {
	char name[56];
	unsigned int cpu;	/* whose, 0 if nobody's */
	void *bytes;
	size_t size;
};

/**
 * state_piece() - the @n-th piece, from 0; all of them make up the state
 *
 * Returns false if there is none.
 */
bool state_piece(struct state *state, unsigned int n, struct state_piece *piece);

/**
 * state_slots() - the memory slots that it has: SLOTS of them
 */
struct slot *state_slots(struct state *state);

/**
 * state_hash() - a hash over all of it that does not move on by itself
 */
uint64_t state_hash(const struct state *state);

/**
 * state_hash_print() - one line about it and about memory, on standard error
 * @what: has been done
 */
void state_hash_print(const char *what, const struct state *state);

/**
 * state_differs() - what of it differs, those things apart
 * @text, @size: set to the first difference, one line: "MSRs of CPU 1: …"
 *
 * Returns false if nothing does.
 */
bool state_differs(const struct state *a, const struct state *b, char *text,
		   size_t size);

#endif
