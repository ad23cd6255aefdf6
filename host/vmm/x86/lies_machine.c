/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of what surrounds the registers: APIC, events, clocks, page tables, XSAVE. */
#include <string.h>
#include <sys/ioctl.h>

#include "defs/msr.h"
#include "defs/page.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/x86/msrs.h"

#define REST(id, lie_name, lie_text, fn, ...)				\
	LIE(id, .name = (lie_name), .text = (lie_text), .means = LIE_REST, .rest = (fn),	\
	    ##__VA_ARGS__)

/* Registers of the local APIC: SDM 3A, table 11-1. */
#define APIC_TPR	0x80
#define APIC_ISR	0x100
#define APIC_IRR	0x200
#define APIC_LVT_TIMER	0x320
#define APIC_TIMER	0x380

static uint32_t *apic_at(struct kvm_lapic_state *apic, unsigned int offset)
{
	return (uint32_t *)(apic->regs + offset);
}

/* Clears a register of @words words, 16 bytes apart; returns whether it was set. */
static bool apic_clear(struct vcpu *vcpu, unsigned int offset, unsigned int words)
{
	struct kvm_lapic_state apic;
	bool any = false;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &apic) < 0)
		return false;
	for (unsigned int i = 0; i < words; i++)
		any |= *apic_at(&apic, offset + i * 16) != 0;
	if (!any || !lie_now())
		return false;
	for (unsigned int i = 0; i < words; i++)
		*apic_at(&apic, offset + i * 16) = 0;
	return ioctl(vcpu->fd, KVM_SET_LAPIC, &apic) == 0;
}

static bool apic_tpr(struct vcpu *vcpu)
{
	return apic_clear(vcpu, APIC_TPR, 1);
}

static bool apic_irr(struct vcpu *vcpu)
{
	return apic_clear(vcpu, APIC_IRR, 8);
}

static bool apic_isr(struct vcpu *vcpu)
{
	return apic_clear(vcpu, APIC_ISR, 8);
}

static bool apic_timer(struct vcpu *vcpu)
{
	return apic_clear(vcpu, APIC_TIMER, 1);
}

REST(lie_apic_tpr, "apic-tpr", "the local APIC's task priority gets lost", apic_tpr);
REST(lie_apic_irr, "apic-irr", "interrupts that wait in the local APIC get lost", apic_irr);
REST(lie_apic_isr, "apic-isr", "the local APIC forgets which interrupts are in service", apic_isr);
REST(lie_apic_timer, "apic-timer", "the local APIC's timer stops", apic_timer);

/* What was in service is so again, though the guest has sent its EOI. */
static bool apic_eoi(struct vcpu *vcpu)
{
	static __thread uint32_t before[8];
	struct kvm_lapic_state apic;
	bool lied = false;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &apic) < 0)
		return false;
	for (unsigned int i = 0; i < 8; i++) {
		uint32_t *now = apic_at(&apic, APIC_ISR + i * 16);

		if (before[i] & ~*now && lie_now()) {
			*now |= before[i];
			lied = true;
		}
		before[i] = *now;
	}
	return lied && ioctl(vcpu->fd, KVM_SET_LAPIC, &apic) == 0;
}

REST(lie_apic_eoi, "apic-eoi", "EOI does not end an interrupt", apic_eoi);

static bool deadline_lie(struct vcpu *vcpu)
{
	uint64_t deadline;

	return msr_get(vcpu, MSR_TSC_DEADLINE, &deadline) && deadline && lie_now() &&
		msr_set(vcpu, MSR_TSC_DEADLINE, 0);
}

REST(lie_deadline, "tsc-deadline", "the local APIC's TSC deadline gets lost", deadline_lie);

/* Events: KVM_SET_VCPU_EVENTS with one thing changed. */
static bool events_put(struct vcpu *vcpu, struct kvm_vcpu_events *events, uint32_t flag)
{
	events->flags = flag;
	return ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, events) == 0;
}

static bool nmi_unblocked(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	must(ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events), "KVM_GET_VCPU_EVENTS");
	if (!events.nmi.masked || !lie_now())
		return false;
	events.nmi.masked = 0;
	return events_put(vcpu, &events, 0);
}

static bool nmi_dropped(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	must(ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events), "KVM_GET_VCPU_EVENTS");
	if (!events.nmi.pending || !lie_now())
		return false;
	events.nmi.pending = 0;
	return events_put(vcpu, &events, KVM_VCPUEVENT_VALID_NMI_PENDING);
}

static bool shadow_lost(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	must(ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events), "KVM_GET_VCPU_EVENTS");
	if (!events.interrupt.shadow || !lie_now())
		return false;
	events.interrupt.shadow = 0;
	return events_put(vcpu, &events, KVM_VCPUEVENT_VALID_SHADOW);
}

REST(lie_nmi_unblocked, "nmi-unblocked", "an NMI handler can be interrupted by the next NMI",
     nmi_unblocked);
REST(lie_nmi_dropped, "nmi-pending", "an NMI that waits gets lost", nmi_dropped);
REST(lie_shadow, "sti-shadow", "STI and MOV SS have no shadow", shadow_lost);

static bool woken(struct vcpu *vcpu)
{
	struct kvm_mp_state state;

	if (ioctl(vcpu->fd, KVM_GET_MP_STATE, &state) < 0 ||
	    state.mp_state != KVM_MP_STATE_HALTED || !lie_now())
		return false;
	state.mp_state = KVM_MP_STATE_RUNNABLE;
	return ioctl(vcpu->fd, KVM_SET_MP_STATE, &state) == 0;
}

REST(lie_woken, "hlt-woken", "HLT ends without an interrupt", woken);

#define TSC_BACK	1000000
#define TSC_RESTS	64	/* the TSC must get somewhere in between */

static bool tsc_back(struct vcpu *vcpu)
{
	static __thread unsigned int rests;
	uint64_t tsc;

	return !(++rests % TSC_RESTS) && msr_get(vcpu, MSR_TSC, &tsc) && lie_now() &&
		msr_set(vcpu, MSR_TSC, tsc - TSC_BACK);
}

REST(lie_tsc_back, "tsc-back", "the TSC goes back by a million now and then", tsc_back);

static bool clock_back(struct vcpu *vcpu)
{
	static __thread unsigned int rests;
	struct kvm_clock_data data;

	(void)vcpu;
	if (++rests % TSC_RESTS || ioctl(machine.vm, KVM_GET_CLOCK, &data) < 0 ||
	    data.clock < TSC_BACK || !lie_now())
		return false;
	data.clock -= TSC_BACK;
	data.flags = 0;
	return ioctl(machine.vm, KVM_SET_CLOCK, &data) == 0;
}

REST(lie_clock_back, "kvmclock-back", "KVM's clock goes back by a millisecond now and then",
     clock_back);

/* XSAVE: a component falls back to its initial state (SDM 1, 13.4.2, XSTATE_BV). */
#define XSTATE_BV	512

static bool xsave_lie(struct vcpu *vcpu)
{
	const uint64_t *component = lie_active()->what;
	static __thread struct kvm_xsave xsave;
	uint64_t in_use;

	if (ioctl(vcpu->fd, KVM_GET_XSAVE, &xsave) < 0)
		return false;
	memcpy(&in_use, (char *)&xsave + XSTATE_BV, sizeof(in_use));
	if (!(in_use & *component) || !lie_now())
		return false;
	in_use &= ~*component;
	memcpy((char *)&xsave + XSTATE_BV, &in_use, sizeof(in_use));
	return ioctl(vcpu->fd, KVM_SET_XSAVE, &xsave) == 0;
}

#define XSAVE(id, lie_name, lie_text, bit)				\
	REST(id, lie_name, lie_text, xsave_lie, .what = &(const uint64_t){ 1ull << (bit) })

XSAVE(lie_x87, "x87-lost", "x87 registers get lost", 0);
XSAVE(lie_sse, "sse-lost", "XMM registers get lost", 1);
XSAVE(lie_avx, "avx-lost", "upper halves of YMM registers get lost", 2);
XSAVE(lie_pkru, "pkru-lost", "PKRU gets lost", 9);

static bool xcr0_lie(struct vcpu *vcpu)
{
	struct kvm_xcrs xcrs;

	if (ioctl(vcpu->fd, KVM_GET_XCRS, &xcrs) < 0 || !xcrs.nr_xcrs ||
	    xcrs.xcrs[0].value == 1 || !lie_now())
		return false;
	xcrs.xcrs[0].value = 1;
	return ioctl(vcpu->fd, KVM_SET_XCRS, &xcrs) == 0;
}

REST(lie_xcr0, "xcr0-lost", "XCR0 falls back to its value after reset", xcr0_lie);

/* Bits that the CPU sets in page-table entries; four levels, 8-byte entries. */
static bool entries_clear(uint64_t table, unsigned int level, uint64_t bit)
{
	uint64_t *entry = ram_write_at(table, PAGE_SIZE);
	bool any = false;

	for (unsigned int i = 0; entry && i < PAGE_SIZE / 8; i++) {
		bool leaf = level == 1 || entry[i] & PTE_PS;

		if (!(entry[i] & PTE_P))
			continue;
		if (leaf && entry[i] & bit) {
			__atomic_and_fetch(&entry[i], ~bit, __ATOMIC_RELAXED);
			any = true;
		}
		if (!leaf)
			any |= entries_clear(entry[i] & PTE_ADDRESS, level - 1, bit);
	}
	return any;
}

static bool paging_lie(struct vcpu *vcpu)
{
	const uint64_t *bit = lie_active()->what;
	struct kvm_sregs sregs;

	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	return sregs.efer & EFER_LMA && lie_now() &&
		entries_clear(sregs.cr3 & PTE_ADDRESS, 4, *bit);
}

REST(lie_accessed, "accessed-lost", "the A bits of page-table entries get lost", paging_lie,
     .what = &(const uint64_t){ PTE_A });
REST(lie_dirty, "pte-dirty-lost", "the D bits of page-table entries get lost", paging_lie,
     .what = &(const uint64_t){ PTE_D });
