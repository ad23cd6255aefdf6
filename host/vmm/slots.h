/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's memory slots, as a table that a new VM can be filled from, and the log
 * of pages that the guest dirtied in them.
 */
#ifndef HOST_VMM_SLOTS_H
#define HOST_VMM_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/device.h"

struct vcpu;

#define SLOTS		64
#define SLOT_MOVING	SLOTS		/* KVM's number of one that is not in the table, */
#define SLOT_PIECES	(SLOTS + 1)	/* and the first of three more */

struct slot {
	gpa_t gpa;
	uint64_t size;		/* bytes; 0: not in use */
	void *host;
	uint32_t flags;		/* KVM_MEM_READONLY, KVM_MEM_LOG_DIRTY_PAGES */
};

/**
 * ram_slots() - the slots that RAM has from the start on, from number 0
 * @slots: filled in, at most RAM_RANGES
 *
 * Returns how many.
 */
unsigned int ram_slots(struct slot *slots);

/**
 * slot_add() - give KVM host memory as guest memory
 * @flags: KVM_MEM_READONLY or 0
 *
 * Returns the slot's number, or -errno: KVM refuses, or the table is full.
 */
int slot_add(gpa_t gpa, uint64_t size, void *host, uint32_t flags);

/**
 * slot_add_as() - the same, at a number that is not in use
 */
int slot_add_as(unsigned int slot, gpa_t gpa, uint64_t size, void *host,
		uint32_t flags);

/**
 * slot_change() - move a slot, or log dirty pages in it or not
 * @slot: number
 * @gpa: where from now on
 * @flags: from now on; KVM_MEM_READONLY cannot change
 *
 * Returns 0 or -errno.
 */
int slot_change(unsigned int slot, gpa_t gpa, uint32_t flags);

/**
 * slot_remove() - take it from the guest; the host's memory stays
 */
int slot_remove(unsigned int slot);

/**
 * slot_get() - a slot in use, or NULL
 */
const struct slot *slot_get(unsigned int slot);

/**
 * slot_find() - the number of the slot that holds @gpa, or -1
 */
int slot_find(gpa_t gpa);

/**
 * slot_host() - host memory of guest memory that lies in one slot, or NULL
 */
void *slot_host(gpa_t gpa, uint64_t size);

/**
 * slot_cut() - make pages of a slot read-only to KVM, until the next of slots_mend() and
 *	the functions here that change a slot, or read its log
 * @slot: a writable one
 * @first, @pages: which of its pages
 *
 * The table stays as it is.  KVM forgets the slot, and gets three for it: all CPUs stand
 * still, for this and slots_mend(); between them at most one runs.
 */
void slot_cut(unsigned int slot, uint64_t first, uint64_t pages);
void slots_mend(void);

/**
 * slots_cut() - is there a slot that is cut?
 */
bool slots_cut(void);

/**
 * slots_attach() - all slots into machine.vm, which is new
 */
void slots_attach(void);

/**
 * slots_put() - make KVM's slots those of a table
 * @slots: SLOTS of them, as slots_table() gave
 */
void slots_put(const struct slot *slots);
const struct slot *slots_table(void);

/**
 * slots_log() - have KVM log dirty pages in all writable slots of RAM, or stop it
 *
 * Quick before there are slots; later each takes KVM's waiting for its readers.
 */
void slots_log(bool on);

/**
 * slots_new_vm() - what dirty rings want of a VM that has just been made
 * slots_new_cpu(), slots_lose_cpu() - and of each CPU
 */
void slots_new_vm(void);
void slots_new_cpu(struct vcpu *vcpu);
void slots_lose_cpu(struct vcpu *vcpu);

/**
 * slots_harvest() - tell ram.c of each page that KVM's logs have
 * @again: log the next write to these pages too
 *
 * Without @again such a page stays in the log, and writing to it is quick.
 * Where the kernel knows no such log, @again holds always.
 */
void slots_harvest(bool again);

#endif
