/* SPDX-License-Identifier: BSD-2-Clause */
/* Extended control registers, while CR4.OSXSAVE is set (SDM 2, XGETBV, XSETBV). */
#ifndef XCR_H
#define XCR_H

#include <defs/xcr.h>
#include <test.h>

#define XGETBV	".byte 0x0f, 0x01, 0xd0"
#define XSETBV	".byte 0x0f, 0x01, 0xd1"

/**
 * xcr_read() - the register's value; a fault ends the TEST
 *
 * By user code, which hypervisors that emulate the kernel's leave to the CPU.
 */
u64 xcr_read(u32 xcr);

/**
 * try_xsetbv() - the fault of writing it
 */
struct fault try_xsetbv(u32 xcr, u64 value);

/**
 * xcr0_supported() - the bits that CPUID says XCR0 may have
 */
u64 xcr0_supported(void);

struct xcr0_scope {
	struct scope scope;
	u64 old;
};

/**
 * WITH_XCR0(value) - run with this value in XCR0
 */
#define WITH_XCR0(value)	SCOPE(xcr0_scope, xcr0_enter, value)
void xcr0_enter(struct xcr0_scope *scope, u64 value);

#endif
