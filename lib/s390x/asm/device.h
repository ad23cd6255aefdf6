/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine may or may not have. */
#ifndef ASM_DEVICE_H
#define ASM_DEVICE_H

/* X(constant, name): <device.h> makes enum device of it */
#define DEVICES(X)							\
	X(DEVICE_QEMU, "QEMU")						\
	X(DEVICE_QEMU_CHANNEL, "subchannel with a device, of QEMU's")	\
	X(DEVICE_KVM, "KVM")						\
	X(DEVICE_ESSA, "page states (ESSA)")				\
	X(DEVICE_DIAG288, "watchdog (DIAG 288)")			\
	X(DEVICE_DIAG318, "control-program codes (DIAG 318)")

#endif
