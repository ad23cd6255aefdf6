/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine may or may not have, as SBI and the device tree tell. */
#ifndef ASM_DEVICE_H
#define ASM_DEVICE_H

#include <defs/sbi.h>

#define SBI_DEVICE(X, name, id)	X(DEVICE_SBI_##name, "SBI " #name)

/* X(constant, name): <device.h> makes enum device of it */
#define DEVICES(X)							\
	SBI_EXTENSIONS(SBI_DEVICE, X)					\
	X(DEVICE_PCI_TESTDEV, "pci-testdev")

#endif
