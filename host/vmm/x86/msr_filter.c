/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters of MSRs (KVM_X86_SET_MSR_FILTER): the kernel's #GP, or an exit that
 * this VMM answers.  They go with the machine's state.
 */
#include "vmm/x86/msr_filter.h"

#include <string.h>
#include <sys/ioctl.h>

#include "vmm/host.h"
#include "vmm/machine.h"
#include "vmm/request.h"

#define MSRS_MOST	4096u	/* of one filter */

static struct {
	struct {
		uint32_t first, count, flags;	/* count 0: not in use */
	} filter[KVM_MSR_FILTER_MAX_RANGES];
	uint64_t answer;
	uint64_t seen, last_value;
	uint32_t last_msr;
} own;

static bool installed;		/* the VM has a filter */

static bool any(uint32_t flags)
{
	for (unsigned int i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++)
		if (own.filter[i].count &&
		    (!flags || own.filter[i].flags & flags))
			return true;
	return false;
}

/* The VM's filter as @own says. */
static int install(void)
{
	/* No bit is set: all that a range covers is denied. */
	static uint8_t none[MSRS_MOST / 8];
	struct kvm_enable_cap exits = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR,
		.args = { any(ABI_MSR_EXIT) ? KVM_MSR_EXIT_REASON_FILTER : 0 },
	};
	struct kvm_msr_filter filter = { .flags = KVM_MSR_FILTER_DEFAULT_ALLOW };

	if (!installed && !any(0))
		return 0;
	for (unsigned int i = 0, n = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++)
		if (own.filter[i].count)
			filter.ranges[n++] = (struct kvm_msr_filter_range){
				.flags = own.filter[i].flags &
					(KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE),
				.nmsrs = own.filter[i].count,
				.base = own.filter[i].first, .bitmap = none,
			};
	installed = any(0);
	return ioctl(machine.vm, KVM_ENABLE_CAP, &exits) < 0 ? -1 :
		ioctl(machine.vm, KVM_X86_SET_MSR_FILTER, &filter);
}

static void install_must(void)
{
	must(install(), "KVM_X86_SET_MSR_FILTER");
}

static void new_vm(void)
{
	installed = false;
	install_must();
}

enum abi_request_status msr_deny_serve(struct abi_request *r)
{
	uint32_t flags = r->argument[2];

	_Static_assert(ABI_MSR_READ == KVM_MSR_FILTER_READ &&
		       ABI_MSR_WRITE == KVM_MSR_FILTER_WRITE, "flags are KVM's");
	if (!r->argument[1] || r->argument[1] > MSRS_MOST ||
	    r->argument[0] > UINT32_MAX - r->argument[1] || r->argument[2] > 7 ||
	    !(flags & (ABI_MSR_READ | ABI_MSR_WRITE)))
		return ABI_REQUEST_WRONG;
	for (unsigned int i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++) {
		enum abi_request_status status;

		if (own.filter[i].count)
			continue;
		own.filter[i].first = r->argument[0];
		own.filter[i].count = r->argument[1];
		own.filter[i].flags = flags;
		status = request_kernel(r, install());
		if (status != ABI_REQUEST_DONE) {
			own.filter[i].count = 0;
			install_must();
		}
		return status;
	}
	return ABI_REQUEST_FULL;
}

enum abi_request_status msr_answer_serve(struct abi_request *r)
{
	own.answer = r->argument[0];
	return ABI_REQUEST_DONE;
}

enum abi_request_status msr_seen_serve(struct abi_request *r)
{
	r->result[0] = own.seen << 32 | own.last_msr;
	r->result[1] = own.last_value;
	return ABI_REQUEST_DONE;
}

enum abi_request_status msr_allow_serve(struct abi_request *r)
{
	memset(own.filter, 0, sizeof(own.filter));
	return request_kernel(r, install());
}

bool msr_filter_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	bool write = run->exit_reason == KVM_EXIT_X86_WRMSR;
	uint32_t access = write ? ABI_MSR_WRITE : ABI_MSR_READ;

	if (run->msr.reason != KVM_MSR_EXIT_REASON_FILTER)
		return false;
	for (unsigned int i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++) {
		uint32_t flags = own.filter[i].flags;

		if (run->msr.index - own.filter[i].first >= own.filter[i].count ||
		    !(flags & access))
			continue;
		run->msr.error = !(flags & ABI_MSR_EXIT);
		own.seen++;
		own.last_msr = run->msr.index;
		if (!write)
			run->msr.data = own.answer;
		own.last_value = run->msr.data;
		return true;
	}
	return false;
}

static struct device filter_device = {
	.name = "flatbed-msr-filter",
	.text = "MSRs that the guest asked to be kept from it",
	.present = host_region_there,
	.when = "with the test device",
	.state = DEVICE_STATE(1, own),
	.attach = new_vm,
	.restore = install_must,
};
DEVICE_REGISTER(filter_device);
