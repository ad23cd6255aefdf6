/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers, a row each: what they held when the state was taken is there when it
 * is put, and when the machine has been migrated.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <migrate.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>

#define STATE	1

static u64 get_msr(u32 msr)
{
	return rdmsr(msr);
}

static void set_msr(u32 msr, u64 value)
{
	wrmsr(msr, value);
}

static u64 get_apic(u32 reg)
{
	return apic_read(reg);
}

static void set_apic(u32 reg, u64 value)
{
	apic_write(reg, value);
}

static u64 get_ioapic(u32 reg)
{
	return ioapic_read(reg);
}

static void set_ioapic(u32 reg, u64 value)
{
	ioapic_write(reg, value);
}

static u64 get_port(u32 port)
{
	return in8(port);
}

static void set_port(u32 port, u64 value)
{
	out8(port, value);
}

static u64 get_cmos(u32 index)
{
	out8(0x70, index);
	return in8(0x71);
}

static void set_cmos(u32 index, u64 value)
{
	out8(0x70, index);
	out8(0x71, value);
}

#define CONTROL(reg)							\
static u64 get_##reg(u32 unused)					\
{									\
	(void)unused;							\
	return read_##reg();						\
}									\
									\
static void set_##reg(u32 unused, u64 value)				\
{									\
	(void)unused;							\
	write_##reg(value);						\
}

CONTROL(cr2)
CONTROL(cr4)
CONTROL(dr6)
CONTROL(dr7)

static u64 get_dr0(u32 unused)
{
	unsigned long value;

	(void)unused;
	asm volatile("mov %%dr0, %0" : "=r"(value));
	return value;
}

static void set_dr0(u32 unused, u64 value)
{
	(void)unused;
	asm volatile("mov %0, %%dr0" : : "r"((unsigned long)value));
}

static u64 get_fs(u32 unused)
{
	u16 selector;

	(void)unused;
	asm volatile("mov %%fs, %0" : "=rm"(selector));
	return selector;
}

static void set_fs(u32 unused, u64 value)
{
	(void)unused;
	asm volatile("mov %0, %%fs" : : "rm"((u16)value));
}

/* What the tables in use are for. */
#define CR4_TABLES	(IS_64BIT ? CR4_PAE : CR4_PSE)

/* @a and @b are values that it can hold; afterwards it gets back what it had. */
static const struct place {
	const char *name;
	u64 (*get)(u32 at);
	void (*set)(u32 at, u64 value);
	u32 at;
	u64 a, b;
} places[] = {
	{ "CR2", get_cr2, set_cr2, 0, 0x1234000, 0x5678000 },
	{ "CR4", get_cr4, set_cr4, 0, CR4_TABLES | CR4_DE, CR4_TABLES },
	{ "DR0", get_dr0, set_dr0, 0, 0x1234000, 0x5678000 },
	{ "DR6", get_dr6, set_dr6, 0, 0xffff0ff1, 0xffff0ff0 },
	{ "DR7", get_dr7, set_dr7, 0, 0x700, 0x400 },
	{ "FS", get_fs, set_fs, 0, SEL_KERNEL_DS, 0 },
	{ "SYSENTER_CS", get_msr, set_msr, MSR_SYSENTER_CS, 0x1230, 0x4560 },
	{ "SYSENTER_EIP", get_msr, set_msr, MSR_SYSENTER_EIP, 0x123000, 0x456000 },
	{ "PAT", get_msr, set_msr, MSR_PAT, 0x0007040600070406, 0x0001040600070406 },
	{ "MTRRdefType", get_msr, set_msr, 0x2ff, 0xc06, 0xc00 },
	{ "MTRRphysBase0", get_msr, set_msr, 0x200, 0x80000006, 0x40000000 },
	{ "APIC TPR", get_apic, set_apic, APIC_TPR, 0x20, 0x30 },
	{ "APIC LVT thermal", get_apic, set_apic, APIC_LVT_THERMAL,
	  APIC_LVT_MASKED | 0x55, APIC_LVT_MASKED | 0x66 },
	{ "APIC TDCR", get_apic, set_apic, APIC_TDCR, 0xb, 0x3 },
	{ "IOAPIC entry 5", get_ioapic, set_ioapic, IOAPIC_REG_ENTRY + 10,
	  IOAPIC_MASKED | 0x55, IOAPIC_MASKED | 0x66 },
	{ "PIC mask", get_port, set_port, 0x21, 0xaa, 0x55 },
	{ "latch of pc-testdev", get_port, set_port, 0xe0, 0xaa, 0x55 },
	{ "UART scratch", get_port, set_port, 0x3ff, 0xaa, 0x55 },
	{ "CMOS byte", get_cmos, set_cmos, 0x50, 0xaa, 0x55 },
#ifdef __x86_64__
	{ "STAR", get_msr, set_msr, MSR_STAR, 0x0010000800000000, 0x0018001000000000 },
	{ "LSTAR", get_msr, set_msr, MSR_LSTAR, 0x123000, 0x456000 },
	{ "KERNEL_GS_BASE", get_msr, set_msr, MSR_KERNEL_GS_BASE, 0x123000, 0x456000 },
	{ "FS_BASE", get_msr, set_msr, MSR_FS_BASE, 0x123000, 0x456000 },
#endif
};

TEST(put, "registers are what they were when the state was taken",
     DEVICE(TESTDEV_STATE))
{
	apic_enable();
	for_each(place, places) SUBTEST("%s", place->name) {
		u64 old = place->get(place->at);

		place->set(place->at, place->a);
		EXPECT_EQ(place->get(place->at), place->a);
		if (!machine_take(STATE)) {
			place->set(place->at, place->b);
			if (EXPECT_EQ(place->get(place->at), place->b))
				machine_put(STATE);
		}
		EXPECT_EQ(place->get(place->at), place->a);
		place->set(place->at, old);
	}
}

TEST(migrate, "a migration takes registers along", MIGRATES)
{
	u64 old[ARRAY_SIZE(places)];

	apic_enable();
	for_each(place, places) {
		old[place - places] = place->get(place->at);
		place->set(place->at, place->a);
	}
	migrate_once();
	for_each(place, places)
		SUBTEST("%s", place->name)
			EXPECT_EQ(place->get(place->at), place->a);
	for_each(place, places)
		place->set(place->at, old[place - places]);
}

static u32 taken;

static void take(void *arg)
{
	(void)arg;
	taken++;
}

#define VECTOR	0x56

static void ask_self(void)
{
	apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
}

/* Some emulators look for interrupts only at an exit. */
static void windows(void)
{
	for (u32 n = 0; n < 1000 && !*(volatile u32 *)&taken; n++) {
		irq_enable();
		in8(0x80);
		irq_disable();
	}
}

TEST(pending_put, "an interrupt that waited when the state was taken waits again",
     DEVICE(TESTDEV_STATE))
{
	taken = 0;
	WITH_IRQ(VECTOR, take, NULL) {
		ask_self();
		if (machine_take(STATE) < 3) {
			windows();
			EXPECT_EQ(taken, 1);
			/* This machine's count goes with its memory. */
			machine_put(STATE);
		}
		EXPECT_EQ(taken, 0);
		windows();
	}
	EXPECT_EQ(taken, 1);
}

TEST(none_pending_put, "an interrupt that came since the state was taken is gone",
     DEVICE(TESTDEV_STATE))
{
	taken = 0;
	WITH_IRQ(VECTOR, take, NULL) {
		if (machine_take(STATE) < 3) {
			ask_self();
			machine_put(STATE);
		}
		windows();
	}
	EXPECT_EQ(taken, 0);
}

TEST(pending_migrate, "a migration takes an interrupt that waits along", MIGRATES)
{
	taken = 0;
	WITH_IRQ(VECTOR, take, NULL) {
		ask_self();
		migrate_once();
		EXPECT_EQ(taken, 0);
		windows();
	}
	EXPECT_EQ(taken, 1);
}

static void count(void *arg)
{
	atomic_add(arg, 1);
}

TEST(cpus_put, "CPUs that were started since the state was taken wait to be started",
     CPUS(2), DEVICE(TESTDEV_STATE))
{
	u32 ran = 0;

	if (machine_take(STATE) < 3) {
		on_cpus(count, &ran);
		EXPECT_EQ(ran, cpu_count());
		machine_put(STATE);
	}
	EXPECT_EQ(ran, 0);
	on_cpus(count, &ran);
	EXPECT_EQ(ran, cpu_count());
}

TEST(cpus_migrate, "CPUs that halt wake up in the other VM", CPUS(2), MIGRATES)
{
	u32 ran = 0;
	u64 before, now;

	on_cpus(count, &ran);
	before = rdtsc();
	migrate_once();
	now = rdtsc();
	EXPECT(now >= before);
	on_cpus(count, &ran);
	EXPECT_EQ(ran, 2 * cpu_count());
}
