/* SPDX-License-Identifier: BSD-2-Clause */
/* An x86 CPU's state for the record, taken in the machine's process. */
#include "vmm/x86/autopsy.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/disasm.h"
#include "defs/cr.h"
#include "defs/page.h"
#include "vmm/machine.h"
#include "vmm/x86/platform.h"

#define INSN_MAX	15
#define RESET_IP	0xfff0		/* SDM 3A, 10.1.4 First Instruction Executed */
#define RESET_CS_BASE	0xffff0000

uint64_t arch_pc(const struct vcpu *vcpu)
{
	return vcpu->run->s.regs.regs.rip;
}

enum isa x86_isa(const struct kvm_sregs *sregs)
{
	return sregs->cs.l ? ISA_X86_64 : sregs->cs.db ? ISA_X86_32 : ISA_X86_16;
}

static bool ram_read(uint64_t physical, void *to, uint64_t size)
{
	const void *from = ram_at(physical, size);

	if (from)
		memcpy(to, from, size);
	return from;
}

struct walk_registers registers_for_walk(const struct vcpu *vcpu,
					 const struct kvm_sregs *sregs)
{
	(void)vcpu;
	return (struct walk_registers){
		.cr0 = sregs->cr0, .cr3 = sregs->cr3, .cr4 = sregs->cr4,
		.efer = sregs->efer, .physical_bits = cpu_physical_bits(),
		.read = ram_read,
	};
}

unsigned int guest_read(const struct walk_registers *registers, uint64_t linear,
			void *to, unsigned int size)
{
	unsigned int done = 0;

	while (done < size) {
		uint64_t at = linear + done;
		unsigned int chunk = PAGE_SIZE - at % PAGE_SIZE;
		struct walk walk;

		if (chunk > size - done)
			chunk = size - done;
		if (!walk_pages(&walk, registers, at) ||
		    !ram_read(walk.physical, (char *)to + done, chunk))
			break;
		done += chunk;
	}
	return done;
}

/* Outside of 64-bit mode, linear addresses are 32 bits wide. */
static uint64_t linear(const struct kvm_sregs *sregs, const struct kvm_segment *segment,
		       uint64_t offset)
{
	return sregs->cs.l ? offset : (uint32_t)(segment->base + offset);
}

static void walk_add(struct x86_record *r, const struct walk_registers *how,
		     const char *of, uint64_t address)
{
	unsigned int n = r->walks++;

	snprintf(r->walk[n].of, sizeof(r->walk[n].of), "%s", of);
	walk_pages(&r->walk[n].walk, how, address);
}

/*
 * Images are built with frame pointers.  At a function's first two instructions,
 * and behind its last, the innermost caller is missed: nobody stops there often.
 */
static void frames_take(struct vm_record *record, const struct x86_record *r,
			const struct walk_registers *how)
{
	unsigned int size = r->sregs.cs.l ? 8 : r->sregs.cs.db ? 4 : 2;
	uint64_t frame = r->regs.rbp, last = 0;

	if (size == 2)
		return;
	while (record->frames < RECORD_FRAMES && frame > last) {
		uint64_t link = 0, back = 0;

		if (guest_read(how, linear(&r->sregs, &r->sregs.ss, frame), &link, size) < size ||
		    guest_read(how, linear(&r->sregs, &r->sregs.ss, frame + size), &back,
			       size) < size || !back)
			break;
		record->frame[record->frames++] = back;
		last = frame;
		frame = link;
	}
}

static uint32_t apic_register(const struct kvm_lapic_state *apic, unsigned int offset)
{
	uint32_t value;

	memcpy(&value, apic->regs + offset, sizeof(value));
	return value;
}

static void apic_take(struct vcpu *vcpu, struct x86_record *r)
{
	struct kvm_lapic_state apic;

	r->apic = ioctl(vcpu->fd, KVM_GET_LAPIC, &apic) >= 0;
	if (!r->apic)
		return;
	/* SDM 3A, table 11-1, "Local APIC Register Address Map". */
	r->apic_tpr = apic_register(&apic, 0x80);
	r->apic_svr = apic_register(&apic, 0xf0);
	r->apic_timer = apic_register(&apic, 0x320);
	r->apic_timer_left = apic_register(&apic, 0x390);
	for (unsigned int i = 0; i < 8; i++) {
		r->apic_isr[i] = apic_register(&apic, 0x100 + i * 16);
		r->apic_irr[i] = apic_register(&apic, 0x200 + i * 16);
	}
}

static enum cpu_state state_of(const struct x86_record *r)
{
	switch (r->mp_state) {
	case KVM_MP_STATE_HALTED:
		return r->regs.rflags & RFLAGS_IF ? CPU_HALTED : CPU_HALTED_OFF;
	case KVM_MP_STATE_UNINITIALIZED:
	case KVM_MP_STATE_INIT_RECEIVED:
	case KVM_MP_STATE_SIPI_RECEIVED:
		return CPU_NOT_STARTED;
	default:
		return CPU_RUNS;
	}
}

static void insn_take(struct vcpu *vcpu, struct vm_record *record,
		      const struct x86_record *r, const struct walk_registers *how)
{
	const struct kvm_run *run = vcpu->run;
	uint64_t at = linear(&r->sregs, &r->sregs.cs, r->regs.rip);

	/* What KVM itself read counts: memory may have changed since. */
	if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR &&
	    run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION &&
	    run->emulation_failure.ndata >= 3 &&
	    run->emulation_failure.flags &
	    KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES &&
	    run->emulation_failure.insn_size <= INSN_MAX) {
		record->insn_size = run->emulation_failure.insn_size;
		memcpy(record->insn, run->emulation_failure.insn_bytes, record->insn_size);
	}
	if (!record->insn_size)
		record->insn_size = guest_read(how, at, record->insn, INSN_MAX);
}

void arch_record_take(struct vcpu *vcpu, struct vm_record *record)
{
	struct x86_record *r = (struct x86_record *)record->arch;
	struct kvm_mp_state mp_state = { 0 };
	struct kvm_xcrs xcrs = { 0 };
	struct walk_registers how;

	/* A state that KVM does not give stays zero: this is no place to give up. */
	ioctl(vcpu->fd, KVM_GET_REGS, &r->regs);
	ioctl(vcpu->fd, KVM_GET_SREGS, &r->sregs);
	ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &r->debug);
	ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &r->events);
	if (ioctl(vcpu->fd, KVM_GET_XCRS, &xcrs) >= 0 && xcrs.nr_xcrs)
		r->xcr0 = xcrs.xcrs[0].value;
	ioctl(vcpu->fd, KVM_GET_MP_STATE, &mp_state);
	r->mp_state = mp_state.mp_state;
	apic_take(vcpu, r);
	how = registers_for_walk(vcpu, &r->sregs);
	record->pc = r->regs.rip;
	record->state = state_of(r);
	record->isa = x86_isa(&r->sregs);
	record->was_reset = r->regs.rip == RESET_IP && r->sregs.cs.base == RESET_CS_BASE;
	walk_add(r, &how, "RIP", linear(&r->sregs, &r->sregs.cs, r->regs.rip));
	walk_add(r, &how, "RSP", linear(&r->sregs, &r->sregs.ss, r->regs.rsp));
	if (r->sregs.cr2)
		walk_add(r, &how, "CR2", r->sregs.cr2);
	insn_take(vcpu, record, r, &how);
	frames_take(record, r, &how);
}
