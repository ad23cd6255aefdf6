/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMIs (SDM 3C, "System Management Mode": entry, RSM, "NMI Handling While in SMM",
 * "Auto HALT Restart").
 */
#include <apic.h>
#include <asm/cpu.h>
#include <clock.h>
#include <exception.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>

/* SMBASE is 0x30000 after reset; entry is at 0x8000 in it. */
#define SMM_ENTRY	((u8 *)0x38000)
#define SMM_COUNT	((volatile u8 *)0x39000)
#define SMM_SEEN	((volatile u32 *)0x39004)

static u32 nmis;

static bool on_nmi(struct frame *frame)
{
	(void)frame;
	atomic_add(&nmis, 1);
	return true;
}

/* Counts, and notes how many NMIs there have been; RSM gives back all registers. */
static void smm_prepare(void)
{
	u8 code[] = {
		0x2e, 0xfe, 0x06, 0x00, 0x90,		/* incb %cs:0x9000 */
		0x67, 0x66, 0xa1, 0, 0, 0, 0,		/* mov nmis, %eax */
		0x2e, 0x66, 0xa3, 0x04, 0x90,		/* mov %eax, %cs:0x9004 */
		0x0f, 0xaa,				/* rsm */
	};
	u32 address = (uintptr_t)&nmis;

	memcpy(code + 8, &address, sizeof(address));
	memcpy(SMM_ENTRY, code, sizeof(code));
	*SMM_COUNT = 0;
	*SMM_SEEN = ~0u;
	nmis = 0;
}

static bool smm_entered(u8 times)
{
	for (unsigned int i = 0; i < 1000 && *SMM_COUNT < times; i++)
		irq_exit();
	return *SMM_COUNT == times;
}

TEST(smi, "an SMI is taken with interrupts off, each time once", DEVICE(TESTDEV_SMI))
{
	smm_prepare();
	for (u8 n = 1; n <= 5; n++) {
		ASK(SMI, ABI_SELF);
		EXPECT(smm_entered(n));
	}
}

TEST(smi_first, "an SMI goes before an NMI that waits as well",
     DEVICE(TESTDEV_SMI, TESTDEV_EVENTS))
{
	struct abi_events events = { 0 };

	smm_prepare();
	WITH_HANDLER(VECTOR_NMI, on_nmi) {
		ASK(EVENTS_GET, ABI_SELF, (uintptr_t)&events);
		asm volatile("" : "+m"(events) : : "memory");
		events.nmi_pending = events.smi_pending = 1;
		asm volatile("" : : "m"(events));
		ASK(EVENTS_SET, ABI_SELF, (uintptr_t)&events);
		irq_wait(&nmis, 1);
		EXPECT(smm_entered(1));
		EXPECT_EQ(*SMM_SEEN, 0);
		EXPECT_EQ(nmis, 1);
	}
}

static u32 in_handler;

static bool smi_inside(struct frame *frame)
{
	(void)frame;
	if (!nmis) {
		ASK(SMI, ABI_SELF);
		EXPECT(smm_entered(1));
		ASK(NMI, ABI_SELF);
		irq_exit();
		in_handler = nmis;
	}
	nmis++;
	return true;
}

TEST(smi_in_nmi, "RSM into an NMI's handler leaves NMIs blocked",
     DEVICE(TESTDEV_SMI, TESTDEV_NMI))
{
	smm_prepare();
	in_handler = 0;
	WITH_HANDLER(VECTOR_NMI, smi_inside) {
		ASK(NMI, ABI_SELF);
		irq_wait(&nmis, 2);
		EXPECT_EQ(in_handler, 0);
		EXPECT_EQ(nmis, 2);
	}
}

static u32 may_halt, halting;

/* Not by the IPI that woke it for this. */
static void halt_once(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&may_halt, __ATOMIC_ACQUIRE))
		cpu_relax();
	irq_let_in();
	__atomic_store_n(&halting, 1, __ATOMIC_RELEASE);
	asm volatile("sti; hlt; cli" : : : "memory");
	__atomic_store_n(&halting, 2, __ATOMIC_RELEASE);
}

/* The CPU that halts is another one, whose SMBASE is the same after reset. */
TEST(smi_in_halt, "an SMI in HLT goes back to it", CPUS(2), DEVICE(TESTDEV_SMI))
{
	u32 count = 0;

	smm_prepare();
	may_halt = halting = 0;
	smp_start();
	WITH_IRQ(0x4a, irq_count, &count) {
		on_cpu_begin(1, halt_once, NULL);
		__atomic_store_n(&may_halt, 1, __ATOMIC_RELEASE);
		while (!__atomic_load_n(&halting, __ATOMIC_ACQUIRE))
			irq_exit();
		delay_us(1000);
		ASK(SMI, cpu_get(1)->apic_id);
		EXPECT(smm_entered(1));
		delay_us(1000);
		EXPECT_EQ(__atomic_load_n(&halting, __ATOMIC_ACQUIRE), 1);
		apic_ipi(APIC_INT_ASSERT | 0x4a, cpu_get(1)->apic_id);
		on_cpu_end(1);
		EXPECT_EQ(halting, 2);
		EXPECT_EQ(count, 1);
	}
}
