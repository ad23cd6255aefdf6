/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x2APIC mode (SDM 3A, "Extended XAPIC (x2APIC)"): the same APIC by MSRs, with 32-bit
 * ids, and logical ids that are made of them.  The image msr has the MSRs' own rules.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define VECTOR		0xf1
#define FIXED		(APIC_DM_FIXED | APIC_INT_ASSERT | VECTOR)
#define MSR_ID		(MSR_X2APIC + APIC_ID / 16)
#define MSR_ICR		(MSR_X2APIC + APIC_ICR / 16)
#define MSR_LDR		(MSR_X2APIC + APIC_LDR / 16)
#define MSR_EOI		(MSR_X2APIC + APIC_EOI / 16)
#define MSR_SELF_IPI	(MSR_X2APIC + APIC_SELF_IPI / 16)
#define BROADCAST	0xffffffff
#define NOBODY		0x00fff000

static struct arrivals arrivals;

static void expect_x2_identity(void *arg)
{
	(void)arg;
	EXPECT_EQ(rdmsr(MSR_ID), cpuid(0xb, 0).reg[CPUID_EDX]);
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_ID, rdmsr(MSR_ID)));
}

TEST(x2_identity, "each CPU's 32-bit id is CPUID's, and cannot be written",
     REQUIRES(CPU_X2APIC))
{
	u32 id = apic_id();

	WITH_APIC_MODE(APIC_X2)
		on_cpus(expect_x2_identity, NULL);
	EXPECT_EQ(apic_id(), id);
}

static void expect_ldr(void *arg)
{
	u32 id = rdmsr(MSR_ID);

	(void)arg;
	EXPECT_EQ(rdmsr(MSR_LDR), id >> 4 << 16 | 1u << (id & 15));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_LDR, 0));
}

TEST(x2_logical_id, "the logical id is made of the id, and cannot be written",
     REQUIRES(CPU_X2APIC))
{
	WITH_APIC_MODE(APIC_X2)
		on_cpus(expect_ldr, NULL);
}

TEST(x2_memory, "in x2APIC mode the APIC's page is nobody's", REQUIRES(CPU_X2APIC))
{
	volatile u32 *tpr = (u32 *)(uintptr_t)(APIC_DEFAULT_BASE + APIC_TPR);

	WITH_APIC_MODE(APIC_X2) {
		EXPECT_EQ(*tpr, 0xffffffff);
		*tpr = 0x40;
		EXPECT_EQ(apic_read(APIC_TPR), 0);
	}
}

TEST(x2_self, "SELF IPI and the shorthand: once, here", REQUIRES(CPU_X2APIC))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_APIC_MODE(APIC_X2) {
		wrmsr(MSR_SELF_IPI, VECTOR);
		EXPECT_ARRIVALS(&arrivals, BIT(0));
		apic_ipi(FIXED | APIC_DEST_SELF, 0);
		EXPECT_ARRIVALS(&arrivals, BIT(0));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_SELF_IPI, 0x100 | VECTOR));
		EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_SELF_IPI, NULL));
	}
}

static const struct {
	const char *name;
	u32 command, destination;
	u64 excluded;
} everywhere[] = {
	{ "all but self",	FIXED | APIC_DEST_OTHERS, 0, BIT(0) },
	{ "all",		FIXED | APIC_DEST_ALL,	0, 0 },
	{ "physical 0xffffffff", FIXED,			BROADCAST, 0 },
	{ "logical 0xffffffff",	FIXED | APIC_DEST_LOGICAL, BROADCAST, 0 },
};

TEST(x2_broadcast, "shorthands and broadcasts reach all CPUs", REQUIRES(CPU_X2APIC),
     CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_APIC_MODE(APIC_X2)
		for_each(row, everywhere) SUBTEST("%s", row->name) {
			apic_ipi(row->command, row->destination);
			EXPECT_ARRIVALS(&arrivals, irq_all_cpus() & ~row->excluded);
		}
}

TEST(x2_physical, "a physical destination is the CPU with that x2APIC id; 255 is no broadcast",
     REQUIRES(CPU_X2APIC), CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_APIC_MODE(APIC_X2) {
		for (unsigned int i = 0; i < cpu_count() && i < IRQ_CPUS; i++) {
			apic_ipi(FIXED, cpu_get(i)->apic_id);
			if (!EXPECT_ARRIVALS(&arrivals, BIT(i)))
				break;
		}
		apic_ipi(FIXED, NOBODY);
		EXPECT_ARRIVALS(&arrivals, 0);
		if (cpu_count() < 255) {
			apic_ipi(FIXED, 0xff);
			EXPECT_ARRIVALS(&arrivals, 0);
		}
	}
}

/* CPUs whose logical id a destination fits. */
static u64 logically(u32 destination)
{
	u64 cpus = 0;

	for (unsigned int i = 0; i < cpu_count() && i < IRQ_CPUS; i++) {
		u32 id = cpu_get(i)->apic_id;

		if (id >> 4 == destination >> 16 && destination >> (id & 15) & 1)
			cpus |= BIT(i);
	}
	return cpus;
}

TEST(x2_logical, "logical destinations: one cluster of 16, and a bit for each CPU of it",
     REQUIRES(CPU_X2APIC), CPUS(2))
{
	struct arrivals sum = { 0 };

	arrivals = sum;
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_APIC_MODE(APIC_X2) {
		/* In three clusters every bit alone, and together with the next one. */
		for (u32 n = 0; n < 3 * 16 * 2; n++) {
			u32 bit = 1u << n / 2 % 16, to = n / 32 << 16 | bit |
				(n & 1 ? bit << 1 & 0xffff : 0);

			apic_ipi(FIXED | APIC_DEST_LOGICAL, to);
			if (!check_explained(CHECK_HERE("who has the bit gets it"),
					     arrivals_follow(&arrivals, &sum, logically(to)),
					     "destination %#x", to))
				break;
		}
		EXPECT_SUM(&arrivals, &sum);
	}
	arrivals = (struct arrivals){ 0 };
}

TEST(x2_icr, "the ICR is one MSR of 64 bits, and keeps what was sent",
     REQUIRES(CPU_X2APIC))
{
	u64 command = (u64)NOBODY << 32 | FIXED;

	WITH_APIC_MODE(APIC_X2) {
		EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_ICR, command));
		EXPECT_EQ(rdmsr(MSR_ICR) & ~(u64)APIC_INT_ASSERT,
			  command & ~(u64)APIC_INT_ASSERT);
		/* No delivery status, no second half. */
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_ICR + 1, 0));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_ICR, command | BIT(20)));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_ICR, command | BIT(13)));
	}
}

TEST(x2_eoi, "the x2APIC's EOI register takes 0 only", REQUIRES(CPU_X2APIC))
{
	WITH_APIC_MODE(APIC_X2) {
		EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_EOI, 0));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_EOI, 1));
		EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_EOI, NULL));
	}
}

TEST(x2_kept, "what the APIC had in xAPIC mode it still has in x2APIC mode",
     REQUIRES(CPU_X2APIC))
{
	u32 count = 0;

	apic_enable();
	apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED | 0x66);
	WITH_IRQ(VECTOR, irq_count, &count) {
		apic_ipi(FIXED | APIC_DEST_SELF, 0);
		WITH_APIC_MODE(APIC_X2) {
			EXPECT_EQ(apic_read(APIC_LVT_ERROR), APIC_LVT_MASKED | 0x66);
			EXPECT(apic_vector_is(APIC_IRR, VECTOR));
			EXPECT_TAKEN(&count, 1);
		}
	}
	apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
}

static void send_to(void *arg)
{
	apic_ipi(FIXED, *(u32 *)arg);
}

TEST(x2_mixed, "a CPU in x2APIC mode and one in xAPIC mode reach each other",
     REQUIRES(CPU_X2APIC), CPUS(2))
{
	u32 id = apic_id();

	smp_start();
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_APIC_MODE(APIC_XAPIC) {
		apic_mode_set(APIC_X2);
		apic_ipi(FIXED, cpu_get(1)->apic_id);
		EXPECT_ARRIVALS(&arrivals, BIT(1));
		on_cpu(1, send_to, &id);
		EXPECT_ARRIVALS(&arrivals, BIT(0));
		apic_mode_set(APIC_XAPIC);
	}
}
