/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine may or may not have, as its device tree tells. */
#ifndef ASM_DEVICE_H
#define ASM_DEVICE_H

/* X(constant, name): <device.h> makes enum device of it */
#define DEVICES(X)							\
	X(DEVICE_PAPR, "hypervisor of PAPR")				\
	X(DEVICE_RTAS, "RTAS")						\
	X(DEVICE_OPAL, "OPAL")

#endif
