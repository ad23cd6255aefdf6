/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's devices that are the interrupt controller, for who takes their state. */
#ifndef HOST_VMM_ARM_GIC_H
#define HOST_VMM_ARM_GIC_H

#include <linux/kvm.h>
#include <stdint.h>

#define GIC_SPIS	256u	/* shared interrupts, from INTID 32 on */

/**
 * gic_fd(), its_fd() - the devices; -1: there is no ITS
 */
int gic_fd(void);
int its_fd(void);

/**
 * gic_attribute() - one attribute of such a device
 * @request: KVM_GET_DEVICE_ATTR, KVM_SET_DEVICE_ATTR
 * @group, @number: which
 * @value: as large as the group has it
 *
 * Returns 0, or -1 with errno.
 */
int gic_attribute(int fd, unsigned long request, uint32_t group, uint64_t number, void *value);

#endif
