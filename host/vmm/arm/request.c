/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be done to arm64 CPUs: interrupts. */
#include "vmm/request.h"

#include <sys/ioctl.h>

#include "defs/gic.h"
#include "vmm/arm/gic.h"
#include "vmm/arm/platform.h"
#include "vmm/machine.h"

uint32_t arch_request_features(void)
{
	return its_there() ? ABI_HOST_MSI : 0;
}

static enum abi_request_status msi_serve(struct abi_request *r)
{
	struct kvm_msi msi = {
		.address_lo = r->argument[0], .address_hi = r->argument[0] >> 32,
		.data = r->argument[1], .flags = KVM_MSI_VALID_DEVID, .devid = r->argument[2],
	};
	int result = ioctl(machine.vm, KVM_SIGNAL_MSI, &msi);

	r->result[0] = result > 0;
	return request_kernel(r, result);
}

static enum abi_request_status line_serve(struct abi_request *r)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | GIC_SPI(r->argument[0]),
		.level = r->argument[1] != 0,
	};

	if (r->argument[0] >= GIC_SPIS)
		return ABI_REQUEST_WRONG;
	return request_kernel(r, ioctl(machine.vm, KVM_IRQ_LINE, &line));
}

const struct request_row arch_requests[] = {
	{ ABI_REQUEST_MSI, msi_serve, false },
	{ ABI_REQUEST_LINE, line_serve, false },
	{ 0 }
};
