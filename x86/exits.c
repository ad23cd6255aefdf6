/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must not leave the guest.  Nothing tells of an exit that is one too many but the
 * time that it takes: here exits are counted.  The TEST user is for exits to user space
 * with the local APIC in the kernel; hardware for all exits, where paging is
 * two-dimensional (SVM's and VMX's controls; the cases say on which host).
 */
#include <apic.h>
#include <asm/cpu.h>
#include <asm/page.h>
#include <irq.h>
#include <scope.h>
#include <testdev.h>

#define TIMES	1000
#define FEW	(TIMES / 2)	/* the host's own interrupts are exits as well */
#define VECTOR	0x4b

static u32 count;

static void rdtsc_once(void)
{
	rdtsc();
}

static void cpuid_once(void)
{
	cpuid(0, 0);
}

static void nothing(void)
{
	asm volatile("nop");
}

static void load_cr3(void)
{
	write_cr3(read_cr3());
}

static void load_cr2(void)
{
	asm volatile("mov %0, %%cr2" : : "r"(0x1000ul));
}

static void invalidate_page(void)
{
	tlb_flush_page(&count);
}

/* Absent while a TEST runs. */
static u8 absent[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static void page_fault(void)
{
	TRY("movb $0, (%0)", "r"(absent));
}

static void write_gs_base(void)
{
	wrmsr(MSR_KERNEL_GS_BASE, 0);
}

static void write_sysenter(void)
{
	wrmsr(MSR_SYSENTER_CS, 0);
}

static void flags(void)
{
	asm volatile("pushf; sti; cli; popf" : : : "memory", "cc");
}

static void load_segment(void)
{
	asm volatile("mov %%ds, %%eax; mov %%eax, %%ds" : : : "eax");
}

static void deadline_far(void)
{
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + BIT(40));
}

static void task_priority(void)
{
	apic_write(APIC_TPR, 0x20);
	apic_write(APIC_TPR, 0);
}

static void timer_set(void)
{
	apic_write(APIC_TMICT, 0x7fffffff);
	apic_read(APIC_TMCCT);
}

static void self_ipi(void)
{
	apic_ipi(APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
	asm volatile("sti; nop; cli" : : : "memory");
}

static void self_ipi_halt(void)
{
	apic_ipi(APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
	asm volatile("sti; hlt; cli" : : : "memory");
}

static const struct {
	const char *name;
	void (*run)(void);
	unsigned int feature;
} user[] = {
	{ "NOP",			nothing, 0 },
	{ "RDTSC",			rdtsc_once, 0 },
	{ "CPUID",			cpuid_once, 0 },
	{ "MOV to CR3",			load_cr3, 0 },
	{ "INVLPG",			invalidate_page, 0 },
	{ "a page fault",		page_fault, 0 },
	{ "WRMSR KERNEL_GS_BASE",	write_gs_base, CPU_LM },
	{ "WRMSR TSC_DEADLINE",		deadline_far, CPU_TSC_DEADLINE },
	{ "TPR",			task_priority, 0 },
	{ "timer",			timer_set, 0 },
	{ "self IPI, EOI",		self_ipi, 0 },
	{ "self IPI at HLT, EOI",	self_ipi_halt, 0 },
};

#define USER_TIMES	20

static void times(void (*run)(void), unsigned int n)
{
	while (n--)
		run();
}

TEST(user, "with the APIC in the kernel these do not reach user space",
     DEVICE(TESTDEV_EXITS), REQUIRES(CPU_APIC))
{
	apic_enable();
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	WITH_PTE(absent, 0, PTE_P) WITH_IRQ(VECTOR, irq_count, &count)
		for_each(row, user) SUBTEST("%s", row->name) {
			if (row->feature && !cpu_has(row->feature)) {
				skip("not on this CPU");
				continue;
			}
			if (row->run == deadline_far)
				apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED |
					   APIC_LVT_TIMER_DEADLINE);
			WITH_EXIT_LIMIT(0)
				times(row->run, USER_TIMES);
			apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
			apic_write(APIC_TMICT, 0);
		}
}

static const struct {
	const char *name;
	void (*run)(void);
} hardware[] = {
	{ "NOP",			nothing },
	{ "RDTSC",			rdtsc_once },
	{ "MOV to CR3",			load_cr3 },
	{ "MOV to CR2",			load_cr2 },
	{ "INVLPG",			invalidate_page },
	{ "a page fault",		page_fault },
	{ "WRMSR KERNEL_GS_BASE",	write_gs_base },
	{ "WRMSR SYSENTER_CS",		write_sysenter },
	{ "STI, CLI, PUSHF, POPF",	flags },
	{ "MOV to DS",			load_segment },
};

static u64 exits_of(void (*run)(void))
{
	static const char name[] = "exits";
	u64 before = ASK(STATISTIC, ABI_SELF, (uintptr_t)name);

	times(run, TIMES);
	return ASK(STATISTIC, ABI_SELF, (uintptr_t)name) - before;
}

TEST(hardware, "with two-dimensional paging these do not leave the guest at all",
     DEVICE(TESTDEV_STATS), REQUIRES(CPU_LM))
{
	/* What does leave it is counted. */
	SUBTEST("CPUID leaves it")
		EXPECT(exits_of(cpuid_once) >= TIMES);
	WITH_PTE(absent, 0, PTE_P) for_each(row, hardware) SUBTEST("%s", row->name)
		EXPECT(exits_of(row->run) < FEW);
}
