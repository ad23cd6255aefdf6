/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM_RUN returns for on x86 alone. */
#include "vmm/exit.h"

#include "base/str.h"
#include "vmm/access.h"
#include "vmm/break.h"
#include "vmm/exits.h"
#include "vmm/gdb.h"
#include "vmm/machine.h"
#include "vmm/request.h"
#include "vmm/x86/hyperv.h"
#include "vmm/x86/ioapic.h"
#include "vmm/x86/trace_msr.h"

const struct exit_row arch_exit_rows[] = {
	{ .reason = KVM_EXIT_DEBUG, .name = "debug", .group = "debug", .fields = {
		EXIT_FIELD(EXIT_NUMBER, "vector", debug.arch.exception),
		EXIT_FIELD(EXIT_HEX, "pc", debug.arch.pc),
		EXIT_FIELD(EXIT_HEX, "dr6", debug.arch.dr6),
		EXIT_FIELD(EXIT_HEX, "dr7", debug.arch.dr7),
	} },
	{ .name = NULL }
};

/*
 * KVM gave up on an instruction: the hypervisor's failure.  The parent names the
 * instruction behind this text.
 */
static void internal_error(struct vcpu *vcpu)
{
	static const char *const suberrors[] = {
		[KVM_INTERNAL_ERROR_SIMUL_EX] = ", simultaneous exceptions",
		[KVM_INTERNAL_ERROR_DELIVERY_EV] = ", delivering an event",
		[KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] = ", unexpected exit reason",
	};
	const struct kvm_run *run = vcpu->run;
	uint32_t suberror = run->internal.suberror;
	bool named = suberror < sizeof(suberrors) / sizeof(*suberrors) && suberrors[suberror];
	char text[320];
	struct str data = str_on(text, sizeof(text));

	if (suberror == KVM_INTERNAL_ERROR_EMULATION)
		machine_end(vcpu, VM_END_INTERNAL_ERROR, 0, "KVM could not emulate");
	for (unsigned int i = 0; i < run->internal.ndata && i < 16; i++)
		str_add(&data, "%s %#llx", i ? "" : ", data",
			(unsigned long long)run->internal.data[i]);
	machine_end(vcpu, VM_END_INTERNAL_ERROR, 0, "KVM gave up (internal error %u%s%s) on",
		    suberror, named ? suberrors[suberror] : "", text);
}

static void port_access(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size)
		access_bus(vcpu, BUS_PORT, run->io.port, data, run->io.size,
			   run->io.direction == KVM_EXIT_IO_OUT);
}

bool arch_exit(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		port_access(vcpu);
		return true;
	case KVM_EXIT_X86_RDMSR:
	case KVM_EXIT_X86_WRMSR:
		return break_msr(vcpu) || msr_filter_exit(vcpu) || trace_msr_exit(vcpu);
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		return true;
	case KVM_EXIT_IOAPIC_EOI:
		ioapic_eoi(run->eoi.vector);
		return true;
	case KVM_EXIT_HYPERV:
		hyperv_exit(vcpu);
		return true;
	case KVM_EXIT_HLT:	/* only where local APICs are not in the kernel */
		vcpu_halt(vcpu, pic_pending);
		return true;
	case KVM_EXIT_SHUTDOWN:
		if (lie_tell(&lie_shutdown_lost))
			machine_end(vcpu, VM_END_POWER_OFF, 0, "power-off");
		machine_end(vcpu, VM_END_SHUTDOWN, 0, "the machine shut down (triple fault)");
	case KVM_EXIT_INTERNAL_ERROR:
		if (!gdb_refused(vcpu))
			internal_error(vcpu);
		return true;
	case KVM_EXIT_SYSTEM_EVENT:
		if (run->system_event.type == KVM_SYSTEM_EVENT_RESET)
			machine_end(vcpu, VM_END_SHUTDOWN, 0, "reset");
		machine_end(vcpu, VM_END_POWER_OFF, 0, "system event");
	}
	return false;
}
