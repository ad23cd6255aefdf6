/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults of exceptions as they are delivered: the frame on the stack, CR2, flags.
 * The CPU is at the first instruction of the handler.
 */
#include <string.h>
#include <sys/ioctl.h>

#include "defs/cr.h"
#include "defs/vector.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/x86/autopsy.h"

enum slot { SLOT_ERROR, SLOT_IP, SLOT_CS, SLOT_FLAGS };

struct entry {
	struct vcpu *vcpu;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	unsigned int vector, word;	/* bytes of a slot of the frame */
};

static struct entry entry_of(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = { .vcpu = vcpu, .vector = vector };

	must(ioctl(vcpu->fd, KVM_GET_REGS, &e.regs), "KVM_GET_REGS");
	must(ioctl(vcpu->fd, KVM_GET_SREGS, &e.sregs), "KVM_GET_SREGS");
	e.word = e.sregs.cs.l ? 8 : 4;
	return e;
}

/* A slot of the frame in the host's memory, or NULL if it is in none. */
static void *slot_at(const struct entry *e, enum slot slot)
{
	struct walk_registers how = registers_for_walk(e->vcpu, &e->sregs);
	bool has_error = VECTOR_ERROR_CODES >> e->vector & 1;
	uint64_t at = e->regs.rsp + (e->sregs.cs.l ? 0 : e->sregs.ss.base) +
		(slot - !has_error) * e->word;
	struct walk walk;

	if (!walk_pages(&walk, &how, at))
		return NULL;
	return ram_write_at(walk.physical, e->word);
}

static uint64_t slot_get(const struct entry *e, enum slot slot)
{
	const void *at = slot_at(e, slot);
	uint64_t value = 0;

	if (at)
		memcpy(&value, at, e->word);
	return value;
}

static void slot_set(const struct entry *e, enum slot slot, uint64_t value)
{
	void *at = slot_at(e, slot);

	if (at)
		memcpy(at, &value, e->word);
}

static void control(struct vcpu *vcpu, unsigned int vector)
{
	(void)vcpu;
	(void)vector;
}

LIE(lie_control_entry, .name = "control-entry",
    .text = "nothing, but exception handlers have breakpoints of the VMM's",
    .means = LIE_ENTRY, .entry = control,
    .vectors = { VECTOR_PF, VECTOR_GP, VECTOR_UD, VECTOR_NM });

static void pf_error(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);

	if (lie_now())
		slot_set(&e, SLOT_ERROR, slot_get(&e, SLOT_ERROR) ^ 1);
}

LIE(lie_pf_error, .name = "pf-error-code", .text = "bit P of a page fault's error code is wrong",
    .means = LIE_ENTRY, .entry = pf_error, .vectors = { VECTOR_PF });

static void pf_write(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);

	if (slot_get(&e, SLOT_ERROR) & 2 && lie_now())
		slot_set(&e, SLOT_ERROR, slot_get(&e, SLOT_ERROR) & ~2ull);
}

LIE(lie_pf_write, .name = "pf-write", .text = "page faults of writes look like those of reads",
    .means = LIE_ENTRY, .entry = pf_write, .vectors = { VECTOR_PF });

static void pf_address(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);

	if (!(e.sregs.cr2 & 0xfff) || !lie_now())
		return;
	e.sregs.cr2 &= ~0xfffull;
	must(ioctl(vcpu->fd, KVM_SET_SREGS, &e.sregs), "KVM_SET_SREGS");
}

LIE(lie_pf_address, .name = "pf-address", .text = "CR2 has only the page of a faulting address",
    .means = LIE_ENTRY, .entry = pf_address, .vectors = { VECTOR_PF });

static void error_lost(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);

	if (slot_get(&e, SLOT_ERROR) && lie_now())
		slot_set(&e, SLOT_ERROR, 0);
}

LIE(lie_error_lost, .name = "error-code-lost",
    .text = "#GP, #NP, #SS and #TS have no selector in their error code",
    .means = LIE_ENTRY, .entry = error_lost,
    .vectors = { VECTOR_GP, VECTOR_NP, VECTOR_SS, 10 });

static void error_gained(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);

	if (!slot_get(&e, SLOT_ERROR) && lie_now())
		slot_set(&e, SLOT_ERROR, 8);
}

LIE(lie_error_gained, .name = "error-code-gained", .text = "#GP(0) comes with error code 8",
    .means = LIE_ENTRY, .entry = error_gained, .vectors = { VECTOR_GP });

static void flag_lost(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);
	uint64_t flags = slot_get(&e, SLOT_FLAGS);

	if (flags & RFLAGS_RF && lie_now())
		slot_set(&e, SLOT_FLAGS, flags & ~(uint64_t)RFLAGS_RF);
}

LIE(lie_rf_lost, .name = "rf-lost", .text = "RF is clear in the flags that a fault saves",
    .means = LIE_ENTRY, .entry = flag_lost,
    .vectors = { VECTOR_UD, VECTOR_GP, VECTOR_PF, VECTOR_NM });

static void trap(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);

	if (lie_now())
		slot_set(&e, SLOT_IP, slot_get(&e, SLOT_IP) + 1);
}

LIE(lie_ud_trap, .name = "ud-address", .text = "#UD saves the address behind the first byte",
    .means = LIE_ENTRY, .entry = trap, .vectors = { VECTOR_UD });

LIE(lie_gp_trap, .name = "gp-address", .text = "#GP saves the address behind the first byte",
    .means = LIE_ENTRY, .entry = trap, .vectors = { VECTOR_GP });

static void interruptible(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);

	if (e.regs.rflags & RFLAGS_IF || !(slot_get(&e, SLOT_FLAGS) & RFLAGS_IF) || !lie_now())
		return;
	e.regs.rflags |= RFLAGS_IF;
	must(ioctl(vcpu->fd, KVM_SET_REGS, &e.regs), "KVM_SET_REGS");
}

LIE(lie_if_kept, .name = "if-kept", .text = "an interrupt gate leaves interrupts on",
    .means = LIE_ENTRY, .entry = interruptible,
    .vectors = { VECTOR_UD, VECTOR_GP, VECTOR_PF, VECTOR_NM });

static void cpl_kept(struct vcpu *vcpu, unsigned int vector)
{
	struct entry e = entry_of(vcpu, vector);
	uint64_t cs = slot_get(&e, SLOT_CS);

	if (cs & 3 && lie_now())
		slot_set(&e, SLOT_CS, cs & ~3ull);
}

LIE(lie_cpl_lost, .name = "frame-cpl", .text = "the frame of a fault at CPL 3 says CPL 0",
    .means = LIE_ENTRY, .entry = cpl_kept,
    .vectors = { VECTOR_UD, VECTOR_GP, VECTOR_PF, VECTOR_NM });
