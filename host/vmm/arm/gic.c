/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controller: GICv3 with an ITS, or GICv2, by KVM's device. */
#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/arm/gic.h"
#include "vmm/arm/platform.h"
#include "vmm/machine.h"

#define INTIDS		(GIC_SPIS + 32u)
#define GICV2_CPUS	8
#define GICV3_CPUS	123	/* between GICR_BASE and the UART */

static struct {
	unsigned int version;	/* 0: not made yet */
	int fd, its;		/* -1: there is none */
} gic = { .fd = -1, .its = -1 };

unsigned int gic_version(void)
{
	return gic.version;
}

bool its_there(void)
{
	return gic.its >= 0;
}

int gic_fd(void)
{
	return gic.fd;
}

int its_fd(void)
{
	return gic.its;
}

static int device_create(uint32_t type)
{
	struct kvm_create_device device = { .type = type };

	return ioctl(machine.vm, KVM_CREATE_DEVICE, &device) < 0 ? -1 : (int)device.fd;
}

int gic_attribute(int fd, unsigned long request, uint32_t group, uint64_t number, void *value)
{
	struct kvm_device_attr attr = {
		.group = group, .attr = number, .addr = (uintptr_t)value,
	};

	return ioctl(fd, request, &attr);
}

static void address_set(int fd, uint64_t type, uint64_t address)
{
	must(gic_attribute(fd, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_ADDR, type, &address),
	     "an address of the GIC");
}

static void device_init_done(int fd, const char *what)
{
	must(gic_attribute(fd, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL,
			   KVM_DEV_ARM_VGIC_CTRL_INIT, NULL), what);
}

static void device_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool version_create(unsigned int version)
{
	if (machine.config->platform.gic && machine.config->platform.gic != version)
		return false;
	gic.fd = device_create(version == 3 ? KVM_DEV_TYPE_ARM_VGIC_V3 : KVM_DEV_TYPE_ARM_VGIC_V2);
	if (gic.fd < 0)
		return false;
	gic.version = version;
	return true;
}

void gic_create(void)
{
	const unsigned int cpus = machine.config->cpus, wanted = machine.config->platform.gic;
	uint32_t intids = INTIDS;

	/* Those of the VM before. */
	device_close(&gic.fd);
	device_close(&gic.its);
	if (!version_create(3) && !version_create(2)) {
		if (wanted)
			machine_end(NULL, VM_END_UNSUPPORTED, 0,
				    "this KVM has no GICv%u", wanted);
		machine_end(NULL, VM_END_UNSUPPORTED, 0, "this KVM has no GIC for guests");
	}
	if (cpus > (gic.version == 3 ? GICV3_CPUS : GICV2_CPUS))
		machine_end(NULL, VM_END_UNSUPPORTED, 0, "no GICv%u for %u CPUs", gic.version,
			    cpus);
	must(gic_attribute(gic.fd, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &intids),
	     "the GIC's interrupts");
	if (gic.version == 3) {
		address_set(gic.fd, KVM_VGIC_V3_ADDR_TYPE_DIST, GICD_BASE);
		address_set(gic.fd, KVM_VGIC_V3_ADDR_TYPE_REDIST, GICR_BASE);
		gic.its = device_create(KVM_DEV_TYPE_ARM_VGIC_ITS);
	} else {
		address_set(gic.fd, KVM_VGIC_V2_ADDR_TYPE_DIST, GICD_BASE);
		address_set(gic.fd, KVM_VGIC_V2_ADDR_TYPE_CPU, GICC_BASE);
	}
	if (gic.its >= 0)
		address_set(gic.its, KVM_VGIC_ITS_ADDR_TYPE, ITS_BASE);
}

void gic_start(void)
{
	device_init_done(gic.fd, "starting the GIC");
	if (gic.its >= 0)
		device_init_done(gic.its, "starting the ITS");
}
