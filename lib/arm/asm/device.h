/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine may or may not have, as its device tree tells. */
#ifndef ASM_DEVICE_H
#define ASM_DEVICE_H

/* X(constant, name): <device.h> makes enum device of it */
#define DEVICES(X)							\
	X(DEVICE_GIC, "GIC")						\
	X(DEVICE_GICV2, "GICv2")					\
	X(DEVICE_GICV3, "GICv3")					\
	X(DEVICE_ITS, "GICv3 ITS")					\
	X(DEVICE_PSCI, "PSCI 0.2")					\
	X(DEVICE_PCI_TESTDEV, "pci-testdev")				\
	X(DEVICE_PL031, "PL031 real-time clock")			\
	X(DEVICE_PMU, "performance monitors")

#endif
