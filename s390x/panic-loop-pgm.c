/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU whose program new PSW is none takes program interruptions for ever: its
 * hypervisor reports a guest that has panicked.
 */
#include <exception.h>
#include <test.h>

TEST(loop, "the program new PSW is itself a specification exception", DEVICE(DEVICE_KVM))
{
	lowcore.pgm_new.mask |= PSW_BIT12;
	asm volatile(INSN_UNDEFINED : : : "memory");
	vectors_install(&lowcore, PSW_DAT);
	EXPECT(false);
}
