/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * INIT and STARTUP of other CPUs (SDM 3A, "Processor Management and Initialization",
 * table of states after INIT; "MP Initialization"); the boot CPU's ways to INIT and
 * reset are in init/boot_cpu.c.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <clock.h>
#include <irq.h>
#include <record.h>
#include <smp.h>
#include <test.h>
#include <work.h>

#define WAIT_US		2000000
#define OTHER_PAGE	(RECORD_PAGE - 0x1000)

static bool recorded(volatile struct record *record)
{
	u64 begin = rdtsc();

	while (!record->done && rdtsc() - begin < clock_us_to_ticks(WAIT_US))
		irq_exit();
	return record->done;
}

/* Another CPU is started at a page that records; afterwards it is back at work. */
static bool start_at(u32 page, volatile struct record **record)
{
	bool ran;

	*record = record_prepare(page);
	cpu_init(1);
	cpu_startup(1, page);
	ran = EXPECT(recorded(*record));
	cpu_restart(1);
	return ran;
}

static void change_registers(void *arg)
{
	(void)arg;
	asm volatile("mov %0, %%dr0" : : "r"(0x12345678ul));
	write_dr6(0xffff0ff1);
	asm volatile("mov %0, %%cr2" : : "r"(0x5000ul));
}

static const struct {
	const char *name;
	size_t offset;
	u32 value, mask;
} states[] = {
	{ "EAX",	offsetof(struct record, eax), 0, ~0u },
	{ "EBX",	offsetof(struct record, ebx), 0, ~0u },
	{ "ECX",	offsetof(struct record, ecx), 0, ~0u },
	{ "ESP",	offsetof(struct record, esp), 0, ~0u },
	{ "EBP",	offsetof(struct record, ebp), 0, ~0u },
	{ "ESI",	offsetof(struct record, esi), 0, ~0u },
	{ "EDI",	offsetof(struct record, edi), 0, ~0u },
	{ "EFLAGS",	offsetof(struct record, flags), RFLAGS_FIXED, ~0u },
	/* CD and NW are as they were. */
	{ "CR0",	offsetof(struct record, cr0), 0x10, ~0x60000000u },
	{ "CR2",	offsetof(struct record, cr2), 0, ~0u },
	{ "CR3",	offsetof(struct record, cr3), 0, ~0u },
	{ "CR4",	offsetof(struct record, cr4), 0, ~0u },
	{ "DR0",	offsetof(struct record, dr0), 0, ~0u },
	{ "DR6",	offsetof(struct record, dr6), 0xffff0ff0, ~0u },
	{ "DR7",	offsetof(struct record, dr7), 0x400, ~0u },
	{ "ES and pad",	offsetof(struct record, pad), 0, ~0u },
	{ "DS and FS",	offsetof(struct record, ds), 0, ~0u },
};

TEST(state, "a started CPU has the registers of an INIT", CPUS(2))
{
	volatile struct record *record;

	on_cpu(1, change_registers, NULL);
	if (!start_at(RECORD_PAGE, &record))
		return;
	for_each(row, states) SUBTEST("%s", row->name)
		EXPECT_EQ(*(volatile u32 *)((uintptr_t)record + row->offset) & row->mask,
			  row->value);
	SUBTEST("SS and GS")
		EXPECT_EQ(record->ss | record->gs, 0);
	/* The signature: the family is what every CPU agrees on. */
	SUBTEST("EDX")
		EXPECT_EQ(record->edx >> 8 & 0xf, cpuid(1, 0).reg[CPUID_EAX] >> 8 & 0xf);
}

static const u32 pages[] = { OTHER_PAGE, RECORD_PAGE, OTHER_PAGE };

TEST(vector, "a started CPU begins at CS:IP = vector << 8 : 0", CPUS(2))
{
	smp_start();
	for_each(page, pages) SUBTEST("%#x", *page) {
		volatile struct record *record;

		if (!start_at(*page, &record))
			return;
		EXPECT_EQ(record->cs, *page >> 4);
		EXPECT_EQ(record->ip, 0);
		EXPECT_EQ(record->entries, 1);
	}
}

TEST(second, "a second STARTUP is nothing to a CPU that runs", CPUS(2))
{
	volatile struct record *record, *other;

	smp_start();
	record = record_prepare(RECORD_PAGE);
	other = record_prepare(OTHER_PAGE);
	cpu_init(1);
	cpu_startup(1, RECORD_PAGE);
	EXPECT(recorded(record));
	cpu_startup(1, OTHER_PAGE);
	cpu_startup(1, RECORD_PAGE);
	delay_us(1000);
	EXPECT_EQ(record->entries, 1);
	EXPECT_EQ(other->entries, 0);
	cpu_restart(1);
}

static u32 rounds;

static void count_rounds(void *arg)
{
	(void)arg;
	while (!work_is_over()) {
		atomic_add(&rounds, 1);
		irq_exit();
	}
}

static u32 rounds_now(void)
{
	return __atomic_load_n(&rounds, __ATOMIC_ACQUIRE);
}

static bool rounds_go_on(void)
{
	u32 before = rounds_now();
	u64 begin = rdtsc();

	while (rounds_now() == before && rdtsc() - begin < clock_us_to_ticks(WAIT_US))
		irq_exit();
	return rounds_now() != before;
}

TEST(without_init, "a STARTUP without INIT is nothing to a CPU that runs", CPUS(2))
{
	volatile struct record *record;

	smp_start();
	record = record_prepare(RECORD_PAGE);
	WITH_WORK(1, count_rounds, NULL) {
		EXPECT(rounds_go_on());
		cpu_startup(1, RECORD_PAGE);
		EXPECT(rounds_go_on());
		delay_us(1000);
		EXPECT(rounds_go_on());
		EXPECT_EQ(record->entries, 0);
	}
}

TEST(stops, "INIT stops a CPU, which waits for STARTUP, whatever else comes", CPUS(2))
{
	volatile struct record *record;
	u32 before;

	smp_start();
	record = record_prepare(RECORD_PAGE);
	on_cpu_begin(1, count_rounds, NULL);
	EXPECT(rounds_go_on());
	cpu_init(1);
	delay_us(20000);		/* on its way */
	before = rounds_now();
	delay_us(20000);
	EXPECT_EQ(rounds_now(), before);
	/* Its APIC is software-disabled. */
	apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | 0x44, cpu_get(1)->apic_id);
	delay_us(1000);
	EXPECT_EQ(rounds_now(), before);
	EXPECT_EQ(record->entries, 0);
	cpu_startup(1, RECORD_PAGE);
	EXPECT(recorded(record));
	cpu_restart(1);
}

static void halt(void *arg)
{
	__atomic_store_n((u32 *)arg, 1, __ATOMIC_RELEASE);
	for (;;)
		asm volatile("cli; hlt");
}

TEST(halted, "INIT ends HLT with interrupts off", CPUS(2))
{
	volatile struct record *record;
	u32 halting = 0;

	smp_start();
	on_cpu_begin(1, halt, &halting);
	while (!__atomic_load_n(&halting, __ATOMIC_ACQUIRE))
		irq_exit();
	start_at(RECORD_PAGE, &record);
}

static struct {
	u64 apic_base, pat, tsc;
	u32 id, tpr, ldr, dfr, lvt;
} seen;

static void look(void *arg)
{
	(void)arg;
	seen.apic_base = rdmsr(MSR_APIC_BASE);
	seen.pat = rdmsr(MSR_PAT);
	seen.tsc = rdtsc();
	seen.id = apic_id();
	seen.tpr = apic_read(APIC_TPR);
	seen.ldr = apic_read(APIC_LDR);
	seen.dfr = apic_read(APIC_DFR);
	seen.lvt = apic_read(APIC_LVT_ERROR);
}

static void prepare(void *arg)
{
	(void)arg;
	wrmsr(MSR_PAT, 0x0007040600070400ull);
	apic_write(APIC_TPR, 0x30);
	apic_write(APIC_LDR, 0x02000000);
	apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED | 0x45);
	look(NULL);
}

static void pat_reset(void *arg)
{
	wrmsr(MSR_PAT, *(u64 *)arg);
}

/* "Local APIC State After an INIT Reset": as after a reset, but for the id. */
TEST(kept, "an INIT keeps MSRs, the TSC and the APIC's id, and resets the APIC", CPUS(2))
{
	typeof(seen) before;
	u64 pat = rdmsr(MSR_PAT);

	on_cpu(1, prepare, NULL);
	before = seen;
	cpu_restart(1);
	on_cpu(1, look, NULL);
	SUBTEST("MSRs") {
		EXPECT_EQ(seen.apic_base, before.apic_base);
		EXPECT_EQ(seen.pat, before.pat);
	}
	SUBTEST("TSC")
		EXPECT(seen.tsc > before.tsc);
	SUBTEST("APIC's id")
		EXPECT_EQ(seen.id, before.id);
	SUBTEST("APIC") {
		EXPECT_EQ(seen.tpr, 0);
		EXPECT_EQ(seen.ldr, 0);
		EXPECT_EQ(seen.dfr, 0xffffffff);
		EXPECT_EQ(seen.lvt, APIC_LVT_MASKED);
	}
	on_cpu(1, pat_reset, &pat);
}
