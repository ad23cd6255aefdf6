/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM_SET_GUEST_DEBUG. */
#include "vmm/x86/guest_debug.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "defs/cr.h"
#include "vmm/machine.h"
#include "vmm/perturb.h"
#include "vmm/x86/autopsy.h"

#define INSN_MAX	15
#define DR7_FIXED	0x400u	/* SDM 3B, "Debug Control Register (DR7)" */

struct guest_debug *guest_debug_of(const struct vcpu *vcpu)
{
	static struct guest_debug *all;

	if (!all) {
		struct guest_debug *made = calloc(machine.config->cpus, sizeof(*made));
		struct guest_debug *none = NULL;

		must(made ? 0 : -1, "memory for breakpoints");
		if (!__atomic_compare_exchange_n(&all, &none, made, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
			free(made);
	}
	return &all[vcpu->index];
}

static uint64_t dr7_of(const struct guest_debug *debug)
{
	static const uint64_t lengths[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };
	static const uint64_t kinds[] = { [HW_EXECUTE] = 0, [HW_WRITE] = 1, [HW_ACCESS] = 3 };
	uint64_t dr7 = DR7_FIXED;

	for (unsigned int i = 0; i < HW_BREAKPOINTS; i++) {
		const struct hw_breakpoint *b = &debug->breakpoint[i];

		if (b->kind != HW_NONE)
			dr7 |= 2ull << i * 2 |
				(kinds[b->kind] | lengths[b->size] << 2) << (16 + i * 4);
	}
	return dr7;
}

/*
 * kvm_pvm gives the #DB of a step at CPL 3 to the guest; and where interrupts come while
 * it steps, a CPU may be left halted.
 */
static bool is_pvm(void)
{
	static int is = -1;

	if (is < 0)
		is = !strcmp(vm_host_kind(), "kvm_pvm");
	return is;
}

static void set_with(struct vcpu *vcpu, uint32_t more)
{
	const struct guest_debug *debug = guest_debug_of(vcpu);
	struct kvm_guest_debug set = { .control = more };
	static int block = -1;

	/* Interrupts would take a step into their handlers. */
	if (block < 0)
		block = ioctl(machine.vm, KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG2) &
			KVM_GUESTDBG_BLOCKIRQ;
	if (debug->software)
		set.control |= KVM_GUESTDBG_USE_SW_BP;
	if (debug->stepping) {
		set.control |= KVM_GUESTDBG_SINGLESTEP;
		if (!debug->interrupts || is_pvm())
			set.control |= block;
	} else if (dr7_of(debug) != DR7_FIXED) {
		set.control |= KVM_GUESTDBG_USE_HW_BP;
		for (unsigned int i = 0; i < HW_BREAKPOINTS; i++)
			set.arch.debugreg[i] = debug->breakpoint[i].address;
		set.arch.debugreg[7] = dr7_of(debug);
	}
	if (set.control)
		set.control |= KVM_GUESTDBG_ENABLE;
	must(ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &set), "KVM_SET_GUEST_DEBUG");
}

void guest_debug_set(struct vcpu *vcpu)
{
	set_with(vcpu, 0);
}

void guest_debug_inject(struct vcpu *vcpu, bool breakpoint)
{
	set_with(vcpu, breakpoint ? KVM_GUESTDBG_INJECT_BP : KVM_GUESTDBG_INJECT_DB);
}

#define RFLAGS_ZERO	(~0x3fffffull | 1 << 15 | 1 << 5 | 1 << 3)	/* SDM 1, 3.4.3 */

/*
 * Return address, CS, flags with TF: a call's return address is no different, and
 * what lies above it may look like flags.
 */
static bool is_frame(const uint64_t *frame, unsigned int word, uint64_t rip)
{
	return frame[0] - rip <= INSN_MAX && frame[1] & 0xfffc &&
		(word == 4 || frame[1] <= 0xffff) && frame[2] & RFLAGS_TF &&
		frame[2] & RFLAGS_FIXED && !(frame[2] & RFLAGS_ZERO);
}

/* The opcode at @at and what follows it, up to 4 bytes in all; returns where it begins. */
static uint64_t opcode_read(const struct walk_registers *how, bool wide, uint64_t at,
			    uint8_t *code)
{
	uint8_t bytes[6] = { 0 };
	unsigned int i = 0;

	guest_read(how, at, bytes, sizeof(bytes));
	while (i < 2 && (bytes[i] == 0x66 || (wide && (bytes[i] & 0xf0) == 0x40)))
		i++;
	memcpy(code, bytes + i, 4);
	return at + i;
}

static void tf_clear(const struct walk_registers *how, uint64_t linear, unsigned int word)
{
	struct walk walk;
	uint8_t *flags = walk_pages(&walk, how, linear) ? ram_write_at(walk.physical, word) :
		NULL;

	if (flags)
		flags[1] &= ~(RFLAGS_TF >> 8);
}

/* PUSHF has stored our TF; behind STI, MOV SS and POP SS there is no interrupt. */
static void step_mend(struct guest_debug *debug, const struct walk_registers *how,
		      const struct kvm_sregs *sregs, const struct kvm_regs *regs,
		      const struct kvm_regs *before)
{
	uint64_t base = sregs->cs.l ? 0 : sregs->cs.base, stack = sregs->cs.l ? 0 : sregs->ss.base;
	uint8_t code[4];
	uint64_t at = opcode_read(how, sregs->cs.l, base + before->rip, code) - base;

	debug->shadow = code[0] == 0xfb || (code[0] == 0x8e && (code[1] >> 3 & 7) == 2) ||
		(code[0] == 0x17 && !sregs->cs.l);
	if (code[0] == 0x9c && regs->rip == at + 1 && !(before->rflags & RFLAGS_TF))
		tf_clear(how, stack + regs->rsp, 2);
}

#define FRAME_DEPTH	4	/* words: an error code, and what a handler pushes first */

/*
 * A frame says where the step began, or right behind it: faults and traps.  Some KVMs
 * stop only behind the handler's first instruction.
 */
bool guest_debug_hide(struct vcpu *vcpu, const struct kvm_regs *before)
{
	struct walk_registers how;
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	unsigned int word;

	must(ioctl(vcpu->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	how = registers_for_walk(vcpu, &sregs);
	word = sregs.cs.l ? 8 : 4;
	step_mend(guest_debug_of(vcpu), &how, &sregs, &regs, before);
	for (unsigned int above = 0; above < FRAME_DEPTH; above++) {
		uint64_t frame[3] = { 0 }, at = regs.rsp + (above + 2) * word;

		for (unsigned int i = 0; i < 3; i++)
			if (guest_read(&how, (sregs.cs.l ? 0 : sregs.ss.base) + regs.rsp +
				       (above + i) * word, &frame[i], word) < word)
				return false;
		if (!is_frame(frame, word, before->rip))
			continue;
		/* It may have been the guest's own. */
		if (!(before->rflags & RFLAGS_TF))
			tf_clear(&how, (sregs.cs.l ? 0 : sregs.ss.base) + at, word);
		return true;
	}
	return false;
}

/*
 * PUSHF, POPF, IRET, SYSCALL, SYSRET: they give the guest our TF, or take its own from it,
 * which KVM forgets for ours.  HLT: kvm_pvm steps on behind it, halted.
 */
static bool steps_badly(const struct vcpu *vcpu, const struct kvm_regs *regs,
			const struct kvm_sregs *sregs)
{
	static const uint8_t bad[] = { 0x9c, 0x9d, 0xcf, 0xf4 };
	struct walk_registers how = registers_for_walk(vcpu, sregs);
	uint8_t code[4];

	opcode_read(&how, sregs->cs.l, (sregs->cs.l ? 0 : sregs->cs.base) + regs->rip, code);
	if (code[0] == 0x0f)
		return code[1] == 0x05 || code[1] == 0x07;
	return memchr(bad, code[0], sizeof(bad));
}

bool arch_step_begin(struct vcpu *vcpu)
{
	struct kvm_regs *before = &guest_debug_of(vcpu)->before;
	struct kvm_sregs sregs;

	must(ioctl(vcpu->fd, KVM_GET_REGS, before), "KVM_GET_REGS");
	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	return !(before->rflags & RFLAGS_TF) && !steps_badly(vcpu, before, &sregs) &&
	       (sregs.ss.dpl < 3 || !is_pvm());
}

void arch_step_hide(struct vcpu *vcpu)
{
	guest_debug_hide(vcpu, &guest_debug_of(vcpu)->before);
}
