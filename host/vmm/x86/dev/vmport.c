/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMware's backdoor: a port that is read with a magic number in EAX and a command in
 * CX, and that answers in registers ("Mechanisms to determine if software is running
 * in a VMware virtual machine").  Where kvm.enable_vmware_backdoor is set, KVM lets
 * user code read it, too.
 */
#include <sys/ioctl.h>

#include "vmm/machine.h"

#define PORT			0x5658
#define MAGIC			0x564d5868u
#define COMMAND_VERSION		0x0a
#define VERSION			6
#define PRODUCT_GSX		2

static uint64_t backdoor_read(uint64_t offset, unsigned int size)
{
	struct vcpu *vcpu = vcpu_current();
	struct kvm_regs regs;

	/* Only a CPU's IN of 32 bits is a call. */
	if (!vcpu || offset || size != 4)
		return ~0ull;
	must(ioctl(vcpu->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	if ((uint32_t)regs.rax != MAGIC || (uint16_t)regs.rcx != COMMAND_VERSION)
		return ~0ull;
	regs.rbx = MAGIC;
	regs.rcx = PRODUCT_GSX;
	/*
	 * EAX is the value that we return, and KVM writes it when the IN is completed; but
	 * where its emulator executes the IN, it forgets that behind KVM_SET_REGS.
	 */
	regs.rax = VERSION;
	must(ioctl(vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	return VERSION;
}

static bool vmport_present(void)
{
	return machine.config->platform.vmport;
}

static struct device vmport_device = {
	.name = "vmport",
	.text = "VMware's backdoor: its version",
	.present = vmport_present,
	.when = "with --vmport",
	.ranges = { { BUS_PORT, PORT, 4, backdoor_read, NULL, 0,
		      "magic in EAX, command in CX" } },
	.lockless = true,
};
DEVICE_REGISTER(vmport_device);
