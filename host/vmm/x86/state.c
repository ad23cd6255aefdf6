/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An x86 machine's parts, in the order in which KVM wants them put:
 *
 *	interrupt chips before the local APICs that they send to;
 *	leaving a nested guest before the registers that leaving would load;
 *	segments and control registers before the local APIC (its base is there)
 *	and before MSRs that depend on EFER;
 *	general registers before events, as setting them drops an exception;
 *	the local APIC before the TSC deadline, which is the last MSR;
 *	a nested guest last.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "defs/apic.h"
#include "defs/cpuid.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/slots.h"
#include "vmm/state.h"
#include "vmm/x86/msrs.h"

#define XSAVE_SIZE	sizeof(struct kvm_xsave)

/* Asked at each state: another VM of the same kernel answers the same. */
static int vm_extension(int cap)
{
	static int answers[512];	/* one more than the answer; 0: not asked */

	if (!answers[cap]) {
		int result = ioctl(machine.vm, KVM_CHECK_EXTENSION, cap);

		answers[cap] = result < 0 ? 1 : result + 1;
	}
	return answers[cap] - 1;
}

STATE_PLAIN(pit, struct kvm_pit_state2, KVM_GET_PIT2, KVM_SET_PIT2)
STATE_PLAIN(regs, struct kvm_regs, KVM_GET_REGS, KVM_SET_REGS)
STATE_PLAIN(plain_sregs, struct kvm_sregs, KVM_GET_SREGS, KVM_SET_SREGS)
STATE_PLAIN(plain_sregs2, struct kvm_sregs2, KVM_GET_SREGS2, KVM_SET_SREGS2)
STATE_PLAIN(xcrs, struct kvm_xcrs, KVM_GET_XCRS, KVM_SET_XCRS)
STATE_PLAIN(plain_lapic, struct kvm_lapic_state, KVM_GET_LAPIC, KVM_SET_LAPIC)
STATE_PLAIN(events, struct kvm_vcpu_events, KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS)
STATE_PLAIN(mp_state, struct kvm_mp_state, KVM_GET_MP_STATE, KVM_SET_MP_STATE)
STATE_PLAIN(debugregs, struct kvm_debugregs, KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS)

static bool irqchips_there(void)
{
	return machine.config->platform.irqchip == VM_IRQCHIP_KERNEL;
}

static bool pit_there(void)
{
	return machine.config->pit && irqchips_there();
}

static bool lapic_there(void)
{
	return machine.config->platform.irqchip != VM_IRQCHIP_OFF;
}

static bool sregs2_there(void)
{
	return vm_extension(KVM_CAP_SREGS2);
}

static bool sregs_there(void)
{
	return !sregs2_there();
}

static bool xcrs_there(void)
{
	return vm_extension(KVM_CAP_XCRS);
}

/* Only another CR3 makes KVM flush a CPU's translations. */
#define FLUSHING(part, type)						\
static int part##_put(struct vcpu *vcpu, const void *from)		\
{									\
	type other = *(const type *)from;				\
									\
	other.cr3 ^= RAM_PAGE;						\
	return plain_##part##_put(vcpu, &other) < 0 ? -1 :		\
		plain_##part##_put(vcpu, from);				\
}

FLUSHING(sregs, struct kvm_sregs)
FLUSHING(sregs2, struct kvm_sregs2)

static size_t irqchips_size(void)
{
	return 3 * sizeof(struct kvm_irqchip);
}

static int irqchips_take(struct vcpu *vcpu, void *to)
{
	struct kvm_irqchip *chips = to;

	(void)vcpu;
	for (unsigned int i = 0; i < 3; i++) {
		chips[i] = (struct kvm_irqchip){ .chip_id = i };
		if (ioctl(machine.vm, KVM_GET_IRQCHIP, &chips[i]) < 0)
			return -1;
	}
	return 0;
}

static int irqchips_put(struct vcpu *vcpu, const void *from)
{
	const struct kvm_irqchip *chips = from;

	(void)vcpu;
	for (unsigned int i = 0; i < 3; i++)
		if (ioctl(machine.vm, KVM_SET_IRQCHIP, &chips[i]) < 0)
			return -1;
	return 0;
}

/* The PIT ticks on: input 0 of the PICs, and what it is to the I/O APIC. */
static void irqchips_settle(void *copy)
{
	struct kvm_irqchip *chips = copy;

	if (!machine.config->pit)
		return;
	chips[0].chip.pic.irr &= ~1;
	chips[0].chip.pic.last_irr &= ~1;
	chips[2].chip.ioapic.irr &= ~5u;
}

static void pit_settle(void *copy)
{
	struct kvm_pit_state2 *pit = copy;

	/* When counting began, by the host's clock. */
	for (unsigned int i = 0; i < 3; i++)
		pit->channels[i].count_load_time = 0;
}

static size_t clock_size(void)
{
	return vm_extension(KVM_CAP_ADJUST_CLOCK) ?
		sizeof(struct kvm_clock_data) : 0;
}

static int clock_take(struct vcpu *vcpu, void *to)
{
	struct kvm_clock_data *clock = to;

	(void)vcpu;
	memset(clock, 0, sizeof(*clock));
	if (ioctl(machine.vm, KVM_GET_CLOCK, clock) < 0)
		return -1;
	/* Put as it stands: no time passes while the machine stands still. */
	*clock = (struct kvm_clock_data){ .clock = clock->clock };
	return 0;
}

static int clock_put(struct vcpu *vcpu, const void *from)
{
	(void)vcpu;
	return ioctl(machine.vm, KVM_SET_CLOCK, from);
}

static void clock_settle(void *copy)
{
	memset(copy, 0, sizeof(struct kvm_clock_data));
}

static size_t xsave_size(void)
{
	int size = vm_extension(KVM_CAP_XSAVE2);

	return size > (int)XSAVE_SIZE ? (size_t)size : XSAVE_SIZE;
}

static int xsave_take(struct vcpu *vcpu, void *to)
{
	return ioctl(vcpu->fd, xsave_size() > XSAVE_SIZE ? KVM_GET_XSAVE2 :
		     KVM_GET_XSAVE, to);
}

static int xsave_put(struct vcpu *vcpu, const void *from)
{
	return ioctl(vcpu->fd, KVM_SET_XSAVE, from);
}

static int events_take_all(struct vcpu *vcpu, void *to)
{
	memset(to, 0, sizeof(struct kvm_vcpu_events));
	return events_take(vcpu, to);
}

LIE(lie_lapic_lost, .name = "state-lapic",
    .text = "putting state, or migrating, local APICs are left as they are");

static int lapic_put(struct vcpu *vcpu, const void *from)
{
	return lie_tell(&lie_lapic_lost) ? 0 : plain_lapic_put(vcpu, from);
}

static void lapic_settle(void *copy)
{
	struct kvm_lapic_state *lapic = copy;

	memset(lapic->regs + APIC_TMCCT, 0, 4);	/* the timer counts on */
}

static void lapic_where(const void *part, size_t offset, char *text, size_t size)
{
	(void)part;
	snprintf(text, size, "register %#zx", offset & ~(size_t)15);
}

static size_t nested_size(void)
{
	int size = vm_extension(KVM_CAP_NESTED_STATE);

	return size > (int)sizeof(struct kvm_nested_state) ? (size_t)size : 0;
}

static int nested_take(struct vcpu *vcpu, void *to)
{
	struct kvm_nested_state *nested = to;

	memset(nested, 0, nested_size());
	nested->size = nested_size();
	return ioctl(vcpu->fd, KVM_GET_NESTED_STATE, nested);
}

static int nested_put(struct vcpu *vcpu, const void *from)
{
	return ioctl(vcpu->fd, KVM_SET_NESTED_STATE, from);
}

/* Out of a nested guest, before anything is put into registers that are its own. */
static int nested_leave(struct vcpu *vcpu)
{
	struct kvm_nested_state nested = { .size = sizeof(nested) };

	/* Too small for a nested guest: E2BIG, but then the header is there. */
	if (ioctl(vcpu->fd, KVM_GET_NESTED_STATE, &nested) < 0 &&
	    errno != E2BIG)
		return -1;
	nested.size = sizeof(nested);
	if (nested.format == KVM_STATE_NESTED_FORMAT_SVM) {
		nested.flags = KVM_STATE_NESTED_GIF_SET;
	} else {
		nested.flags = 0;
		memset(&nested.hdr, 0, sizeof(nested.hdr));
		nested.hdr.vmx.vmxon_pa = nested.hdr.vmx.vmcs12_pa = ~0ull;
	}
	return ioctl(vcpu->fd, KVM_SET_NESTED_STATE, &nested);
}

void arch_cpu_clear(struct vcpu *vcpu)
{
	if (nested_size())
		must(nested_leave(vcpu), "leaving a nested guest");
}

const struct state_part arch_vm_parts[] = {
	{ STATE_PART(irqchips, "interrupt chips"), .there = irqchips_there,
	  .settle = irqchips_settle },
	{ STATE_PART(pit, "PIT"), .there = pit_there, .settle = pit_settle },
	{ STATE_PART(clock, "clock"), .settle = clock_settle },
	{ 0 }
};

const struct state_part arch_cpu_parts[] = {
	{ .name = "segment and control registers", .there = sregs_there,
	  .size = plain_sregs_size, .take = plain_sregs_take, .put = sregs_put },
	{ .name = "segment and control registers", .there = sregs2_there,
	  .size = plain_sregs2_size, .take = plain_sregs2_take,
	  .put = sregs2_put },
	{ STATE_PART(regs, "general registers") },
	{ STATE_PART(xcrs, "XCRs"), .there = xcrs_there },
	{ STATE_PART(xsave, "FPU and vector registers") },
	{ .name = "local APIC", .there = lapic_there,
	  .size = plain_lapic_size, .take = plain_lapic_take, .put = lapic_put,
	  .settle = lapic_settle, .where = lapic_where },
	{ STATE_PART(msrs, "MSRs"), .settle = msrs_settle, .where = msrs_where },
	{ .name = "events", .size = events_size, .take = events_take_all,
	  .put = events_put },
	{ STATE_PART(mp_state, "run state") },
	{ STATE_PART(debugregs, "debug registers") },
	{ STATE_PART(nested, "nested guest") },
	{ 0 }
};
