/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM_RUN returned for, and what it means. */
#include <string.h>
#include <sys/ioctl.h>

#include "base/disasm.h"
#include "base/str.h"
#include "vmm/machine.h"

/* Names as in linux/kvm.h, for what may come back unexpectedly. */
static const char *const reasons[] = {
#define REASON(name) [KVM_EXIT_##name] = #name
	REASON(UNKNOWN), REASON(EXCEPTION), REASON(IO), REASON(HYPERCALL),
	REASON(DEBUG), REASON(HLT), REASON(MMIO), REASON(IRQ_WINDOW_OPEN),
	REASON(SHUTDOWN), REASON(FAIL_ENTRY), REASON(INTR), REASON(SET_TPR),
	REASON(TPR_ACCESS), REASON(NMI), REASON(INTERNAL_ERROR),
	REASON(SYSTEM_EVENT), REASON(IOAPIC_EOI), REASON(HYPERV),
	REASON(X86_RDMSR), REASON(X86_WRMSR), REASON(DIRTY_RING_FULL),
	REASON(AP_RESET_HOLD), REASON(X86_BUS_LOCK), REASON(XEN),
#undef REASON
};

static const char *reason_name(uint32_t reason)
{
	if (reason < sizeof(reasons) / sizeof(reasons[0]) && reasons[reason])
		return reasons[reason];
	return "a reason that this VMM does not know";
}

/* The bytes at CS:RIP, as far as they are in RAM. */
static unsigned int insn_read(struct vcpu *vcpu, uint64_t linear, uint8_t *insn)
{
	unsigned int n;

	for (n = 0; n < VM_MAX_INSN; n++) {
		struct kvm_translation t = { .linear_address = linear + n };
		const uint8_t *byte;

		if (ioctl(vcpu->fd, KVM_TRANSLATE, &t) < 0 || !t.valid)
			break;
		byte = ram_at(t.physical_address, 1);
		if (!byte)
			break;
		insn[n] = *byte;
	}
	return n;
}

static enum isa isa_of(const struct kvm_sregs *sregs)
{
	return sregs->cs.l ? ISA_X86_64 : sregs->cs.db ? ISA_X86_32 : ISA_X86_16;
}

/* KVM gave up on an instruction: the hypervisor's failure, told in full. */
static void internal_error(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct vm_end *end = machine.end;
	struct kvm_regs regs = { 0 };
	struct kvm_sregs sregs = { 0 };
	char text[256];
	struct str what = str_on(text, sizeof(text));

	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	ioctl(vcpu->fd, KVM_GET_SREGS, &sregs);
	end->rip = regs.rip;
	end->suberror = run->internal.suberror;
	end->insn_size = insn_read(vcpu, sregs.cs.base + regs.rip, end->insn);
	if (run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION) {
		machine_end(vcpu, VM_END_INTERNAL_ERROR, 0,
			    "KVM could not emulate %s at %#llx",
			    disasm_insn(isa_of(&sregs), regs.rip, end->insn,
					end->insn_size, text, sizeof(text)),
			    (unsigned long long)regs.rip);
	}
	for (unsigned int i = 0; i < run->internal.ndata && i < 16; i++)
		str_add(&what, " %#llx", (unsigned long long)run->internal.data[i]);
	machine_end(vcpu, VM_END_INTERNAL_ERROR, 0,
		    "KVM internal error, suberror %u at %#llx, data%s",
		    run->internal.suberror, (unsigned long long)regs.rip, text);
}

static void end_at_rip(struct vcpu *vcpu, enum vm_end_kind kind,
		       const char *what)
{
	struct kvm_regs regs = { 0 };

	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	machine.end->rip = regs.rip;
	machine_end(vcpu, kind, 0, "%s on CPU %u, RIP %#llx", what, vcpu->index,
		    (unsigned long long)regs.rip);
}

static void port_access(struct kvm_run *run)
{
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size)
		bus_access(BUS_PORT, run->io.port, data, run->io.size,
			   run->io.direction == KVM_EXIT_IO_OUT);
}

void exit_handle(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		port_access(run);
		break;
	case KVM_EXIT_MMIO:
		bus_access(BUS_MEMORY, run->mmio.phys_addr, run->mmio.data,
			   run->mmio.len, run->mmio.is_write);
		break;
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		break;
	case KVM_EXIT_SHUTDOWN:
		end_at_rip(vcpu, VM_END_SHUTDOWN, "shutdown (triple fault)");
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		internal_error(vcpu);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		machine_end(vcpu, VM_END_INTERNAL_ERROR, 0,
			    "KVM could not enter the guest: hardware reason %#llx",
			    (unsigned long long)
			    run->fail_entry.hardware_entry_failure_reason);
	case KVM_EXIT_SYSTEM_EVENT:
		if (run->system_event.type == KVM_SYSTEM_EVENT_RESET)
			end_at_rip(vcpu, VM_END_SHUTDOWN, "reset");
		end_at_rip(vcpu, VM_END_POWER_OFF, "system event");
		break;
	default:
		machine_end(vcpu, VM_END_ERROR, 0,
			    "KVM_RUN returned for %u, %s", run->exit_reason,
			    reason_name(run->exit_reason));
	}
}
