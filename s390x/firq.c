/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Floating interruptions are for any CPU that takes them: a service interruption reaches
 * the one that waits for it, whatever others do.
 */
#include <clock.h>
#include <exception.h>
#include <sclp.h>
#include <scope.h>
#include <sigp.h>
#include <smp.h>
#include <test.h>

static struct sccb sccb __attribute__((aligned(4096)));
static u32 taken, ready, taken_by, told;

static void take(void *arg)
{
	(void)arg;
	taken_by = cpu_index();
	told = irq_frame()->interruption.ext_param;
	atomic_add(&taken, 1);
}

static void wait_for_service(void *arg)
{
	u64 cr0 = ctl_read(0);

	(void)arg;
	ctl_write(0, cr0 | CR0_SERVICE);
	__atomic_store_n(&ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&taken, __ATOMIC_SEQ_CST))
		cpu_wait(PSW_EXT);
	ctl_write(0, cr0);
}

TEST(service, "SCLP's answer goes to a CPU that waits, not to one that is stopped", CPUS(3))
{
	int cc;

	smp_start();
	EXPECT_EQ(sigp(cpu_get(2)->address, SIGP_STOP, 0, NULL), 0);
	taken = ready = 0;
	memset(&sccb, 0, sizeof(sccb));
	sccb.length = sizeof(sccb);
	WITH_IRQ(EXT_SERVICE, take, NULL) {
		on_cpu_begin(1, wait_for_service, NULL);
		while (!__atomic_load_n(&ready, __ATOMIC_SEQ_CST))
			cpu_relax();
		while ((cc = servc(SCLP_READ_CPU_INFO, &sccb)) == 2)
			cpu_relax();
		EXPECT_EQ(cc, 0);
		on_cpu_end(1);
	}
	EXPECT_EQ(taken, 1);
	EXPECT_EQ(taken_by, 1);
	EXPECT_EQ(told & ~7u, (uintptr_t)&sccb);
	EXPECT_EQ(sccb.response, SCLP_READ_COMPLETION);
	EXPECT_EQ(cpu_begin(cpu_get(2)), 0);
}
