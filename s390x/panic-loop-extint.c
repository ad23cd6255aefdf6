/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU that takes an external interruption by which it takes the next one does nothing
 * else any more: its hypervisor reports a guest that has panicked.
 */
#include <scope.h>
#include <test.h>

TEST(loop, "the external new PSW lets the CPU timer's interruption in again",
     DEVICE(DEVICE_KVM))
{
	/* It stays pending as long as the timer is negative. */
	static const u64 negative = -1ull;

	lowcore.ext_new.mask |= PSW_EXT;
	asm volatile("spt %0" : : "Q"(negative));
	ctl_write(0, (ctl_read(0) & ~CR0_SUBCLASSES) | CR0_CPU_TIMER);
	irq_enable();
	irq_disable();
	vectors_install(&lowcore, PSW_DAT);
	EXPECT(false);
}
