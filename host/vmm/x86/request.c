/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be done to x86 CPUs: interrupts, machine checks, events, clocks. */
#include "vmm/request.h"

#include <string.h>
#include <sys/ioctl.h>

#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/x86/irq.h"
#include "vmm/x86/msr_filter.h"

static bool able(int cap)
{
	return ioctl(machine.vm, KVM_CHECK_EXTENSION, cap) > 0;
}

static const struct kvm_device_attr tsc_offset = {
	.group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET,
};

uint32_t arch_request_features(void)
{
	uint32_t features = ABI_HOST_NMI | ABI_HOST_EVENTS;

	if (able(KVM_CAP_X86_SMM))
		features |= ABI_HOST_SMI;
	if (machine.config->platform.irqchip != VM_IRQCHIP_OFF)
		features |= ABI_HOST_MSI;
	if (able(KVM_CAP_MCE))
		features |= ABI_HOST_MCE;
	if (able(KVM_CAP_X86_MSR_FILTER) && able(KVM_CAP_X86_USER_SPACE_MSR))
		features |= ABI_HOST_MSRS;
	if (able(KVM_CAP_ADJUST_CLOCK))
		features |= ABI_HOST_CLOCK;
	if (able(KVM_CAP_VCPU_ATTRIBUTES))
		features |= ABI_HOST_TSC;
	return features;
}

/* What takes nothing but the CPU that argument 0 names. */
static enum abi_request_status cpu_ioctl(struct abi_request *r, unsigned long request)
{
	struct vcpu *vcpu = request_cpu(r, 0);

	return vcpu ? request_kernel(r, ioctl(vcpu->fd, request)) :
		ABI_REQUEST_WRONG;
}

static enum abi_request_status nmi_serve(struct abi_request *r)
{
	if (request_cpu(r, 0) && lie_tell(&lie_nmi_lost))
		return ABI_REQUEST_DONE;
	return cpu_ioctl(r, KVM_NMI);
}

static enum abi_request_status smi_serve(struct abi_request *r)
{
	return cpu_ioctl(r, KVM_SMI);
}

static enum abi_request_status msi_serve(struct abi_request *r)
{
	if (r->argument[1] > UINT32_MAX)
		return ABI_REQUEST_WRONG;
	r->result[0] = irq_msi(r->argument[0], r->argument[1]);
	return ABI_REQUEST_DONE;
}

static enum abi_request_status line_serve(struct abi_request *r)
{
	if (r->argument[0] >= IRQ_LINES || r->argument[1] > 1)
		return ABI_REQUEST_WRONG;
	irq_line(IRQ_FROM_REQUEST, r->argument[0], r->argument[1]);
	return ABI_REQUEST_DONE;
}

static enum abi_request_status mce_serve(struct abi_request *r)
{
	struct vcpu *vcpu = request_cpu(r, 0);
	struct kvm_x86_mce mce = {
		.bank = r->argument[1], .status = r->argument[2],
		.addr = r->argument[3], .misc = r->argument[4],
		.mcg_status = r->argument[5],
	};

	if (!vcpu || r->argument[1] > UINT8_MAX)
		return ABI_REQUEST_WRONG;
	return request_kernel(r, ioctl(vcpu->fd, KVM_X86_SET_MCE, &mce));
}

static enum abi_request_status clock_serve(struct abi_request *r)
{
	struct kvm_clock_data clock = { 0 };

	if (ioctl(machine.vm, KVM_GET_CLOCK, &clock) < 0)
		return request_kernel(r, -1);
	clock = (struct kvm_clock_data){ .clock = clock.clock + r->argument[0] };
	return request_kernel(r, ioctl(machine.vm, KVM_SET_CLOCK, &clock));
}

static enum abi_request_status paused_serve(struct abi_request *r)
{
	return cpu_ioctl(r, KVM_KVMCLOCK_CTRL);
}

static enum abi_request_status tsc_serve(struct abi_request *r)
{
	struct vcpu *vcpu = request_cpu(r, 0);
	struct kvm_device_attr attr = tsc_offset;
	uint64_t offset;

	if (!vcpu)
		return ABI_REQUEST_WRONG;
	attr.addr = (uintptr_t)&offset;
	if (ioctl(vcpu->fd, KVM_GET_DEVICE_ATTR, &attr) < 0)
		return request_kernel(r, -1);
	offset += r->argument[1];
	return request_kernel(r, ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr));
}

static void events_to_abi(struct abi_events *to, const struct kvm_vcpu_events *from)
{
	*to = (struct abi_events){
		.exception_injected = from->exception.injected,
		.exception_pending = from->exception.pending,
		.exception_vector = from->exception.nr,
		.exception_has_error = from->exception.has_error_code,
		.exception_error = from->exception.error_code,
		.exception_payload = from->exception_payload,
		.exception_has_payload = from->exception_has_payload,
		.interrupt_injected = from->interrupt.injected,
		.interrupt_vector = from->interrupt.nr,
		.interrupt_soft = from->interrupt.soft,
		.shadow = from->interrupt.shadow,
		.nmi_injected = from->nmi.injected,
		.nmi_pending = from->nmi.pending,
		.nmi_masked = from->nmi.masked,
		.smm = from->smi.smm,
		.smi_pending = from->smi.pending,
		.smm_inside_nmi = from->smi.smm_inside_nmi,
		.init_latched = from->smi.latched_init,
		.triple_fault = from->triple_fault.pending,
	};
}

/* @to is what the kernel gave: its flags stay. */
static void events_from_abi(struct kvm_vcpu_events *to, const struct abi_events *from)
{
	to->exception.injected = from->exception_injected;
	to->exception.pending = from->exception_pending;
	to->exception.nr = from->exception_vector;
	to->exception.has_error_code = from->exception_has_error;
	to->exception.error_code = from->exception_error;
	to->exception_payload = from->exception_payload;
	to->exception_has_payload = from->exception_has_payload;
	to->interrupt.injected = from->interrupt_injected;
	to->interrupt.nr = from->interrupt_vector;
	to->interrupt.soft = from->interrupt_soft;
	to->interrupt.shadow = from->shadow;
	to->nmi.injected = from->nmi_injected;
	to->nmi.pending = from->nmi_pending;
	to->nmi.masked = from->nmi_masked;
	to->smi.smm = from->smm;
	to->smi.pending = from->smi_pending;
	to->smi.smm_inside_nmi = from->smm_inside_nmi;
	to->smi.latched_init = from->init_latched;
	to->triple_fault.pending = from->triple_fault;
}

static enum abi_request_status events_get_serve(struct abi_request *r)
{
	struct vcpu *vcpu = request_cpu(r, 0);
	struct kvm_vcpu_events events = { 0 };
	void *to = ram_write_at(r->argument[1], sizeof(struct abi_events));
	struct abi_events copy;

	if (!vcpu || !to)
		return ABI_REQUEST_WRONG;
	if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events) < 0)
		return request_kernel(r, -1);
	events_to_abi(&copy, &events);
	memcpy(to, &copy, sizeof(copy));
	return ABI_REQUEST_DONE;
}

static enum abi_request_status events_set_serve(struct abi_request *r)
{
	struct vcpu *vcpu = request_cpu(r, 0);
	struct kvm_vcpu_events events = { 0 };
	const void *from = ram_at(r->argument[1], sizeof(struct abi_events));
	struct abi_events copy;

	if (!vcpu || !from)
		return ABI_REQUEST_WRONG;
	memcpy(&copy, from, sizeof(copy));
	if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events) < 0)
		return request_kernel(r, -1);
	events_from_abi(&events, &copy);
	return request_kernel(r, ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events));
}

const struct request_row arch_requests[] = {
	/* What asks a CPU's descriptor waits for KVM_RUN to be over. */
	{ ABI_REQUEST_NMI, nmi_serve, true },
	{ ABI_REQUEST_SMI, smi_serve, true },
	{ ABI_REQUEST_MSI, msi_serve, false },
	{ ABI_REQUEST_LINE, line_serve, false },
	{ ABI_REQUEST_MCE, mce_serve, true },
	{ ABI_REQUEST_MSR_DENY, msr_deny_serve, false },
	{ ABI_REQUEST_MSR_ANSWER, msr_answer_serve, false },
	{ ABI_REQUEST_MSR_SEEN, msr_seen_serve, false },
	{ ABI_REQUEST_MSR_ALLOW, msr_allow_serve, false },
	{ ABI_REQUEST_CLOCK_SHIFT, clock_serve, true },
	{ ABI_REQUEST_CLOCK_PAUSED, paused_serve, true },
	{ ABI_REQUEST_TSC_SHIFT, tsc_serve, true },
	{ ABI_REQUEST_EVENTS_GET, events_get_serve, true },
	{ ABI_REQUEST_EVENTS_SET, events_set_serve, true },
	{ 0 }
};
