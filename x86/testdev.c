/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test device tests itself: every request does what abi/request.h says, and one
 * that makes no sense gets a status and does nothing.  Requests about memory and
 * about CPUs are in the parts of this image, testdev/.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <device.h>
#include <exception.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>

#define NOWHERE		0xfee00000u	/* no RAM */
#define NO_CPU		5000
#define VECTOR		0x55

#define WRONG(name, ...)	{ #name, ABI_REQUEST_##name, { __VA_ARGS__ } }

static const struct {
	const char *name;
	unsigned int operation;
	u64 arguments[6];
} wrong[] = {
	WRONG(NMI, NO_CPU), WRONG(SMI, NO_CPU), WRONG(MSI, APIC_DEFAULT_BASE, BIT(32)),
	WRONG(LINE, 24, 1), WRONG(LINE, 0, 2), WRONG(MCE, NO_CPU), WRONG(MCE, 0, 256),
	WRONG(SLOT_ADD, 0xff000800, 0x1000), WRONG(SLOT_ADD, 0xff000000, 0),
	WRONG(SLOT_ADD, 0xff000000, 0x1001), WRONG(SLOT_ADD, -0x1000ull, 0x2000),
	WRONG(SLOT_ALIAS, 0xff000000, 0x1000, 0, NOWHERE),
	WRONG(SLOT_ALIAS, 0xff000000, 0x1000, 0, 0x200800),
	WRONG(SLOT_CARVE, NOWHERE, 0x1000), WRONG(SLOT_CARVE, 0x200000, 0x100),
	WRONG(SLOT_CARVE, 0x200000, BIT(40)),
	/* Slot 0 is RAM, and not the guest's to change. */
	WRONG(SLOT_MOVE, 0, 0xff000000), WRONG(SLOT_RESIZE, 0, 0x1000),
	WRONG(SLOT_PROTECT, 0, 1), WRONG(SLOT_REMOVE, 0), WRONG(SLOT_REMOVE, BIT(33)),
	WRONG(FAULT_MISSING, NOWHERE, 0x1000), WRONG(FAULT_MISSING, 0x200000, 0),
	WRONG(FAULT_MISSING, 0x200000, 0x1000, BIT(32)),
	WRONG(FAULT_PROTECT, 0x200800, 0x1000),
	WRONG(LOG_READ, 0x200000, 0x1000, 0x300000), WRONG(LOG_END),
	WRONG(MSR_DENY, 0x10, 0, 1), WRONG(MSR_DENY, 0x10, 1, 0),
	WRONG(MSR_DENY, 0x10, 1, 8), WRONG(MSR_DENY, 0xffffffff, 2, 1),
	WRONG(CPU_STOP, NO_CPU, 1), WRONG(CPU_STOP, ABI_SELF, BIT(40)),
	WRONG(CPU_STEAL, NO_CPU, 1), WRONG(CLOCK_PAUSED, NO_CPU),
	WRONG(TSC_SHIFT, NO_CPU, 1), WRONG(EVENTS_GET, NO_CPU, 0x200000),
	WRONG(EVENTS_GET, ABI_SELF, NOWHERE), WRONG(EVENTS_SET, ABI_SELF, -1ull),
	WRONG(EXITS, NO_CPU, ABI_ALL), WRONG(EXITS, ABI_ALL, 4000),
	WRONG(STATISTIC, ABI_ALL, NOWHERE), WRONG(STATISTIC, NO_CPU, 0x200000),
};

TEST(wrong_arguments, "arguments that make no sense are refused", DEVICE(TESTDEV_SLOTS))
{
	for_each(row, wrong) SUBTEST("%s %llx %llx", row->name,
				     (unsigned long long)row->arguments[0],
				     (unsigned long long)row->arguments[1]) {
		unsigned int status = testdev_request(row->operation,
						      row->arguments).status;

		if (status == ABI_REQUEST_ABSENT)
			skip("the host has no %s", row->name);
		else
			EXPECT_EQ(status, ABI_REQUEST_WRONG);
	}
}

TEST(unknown, "operations that do not exist", DEVICE(TESTDEV_SLOTS))
{
	static const u64 none[6];

	EXPECT_EQ(testdev_request(0, none).status, ABI_REQUEST_UNKNOWN);
	EXPECT_EQ(testdev_request(ABI_REQUEST_OPERATIONS, none).status,
		  ABI_REQUEST_UNKNOWN);
	EXPECT_EQ(testdev_request(0xffffffff, none).status, ABI_REQUEST_UNKNOWN);
}

TEST(no_request, "an address that no request can be at does nothing",
     DEVICE(TESTDEV_EXITS))
{
	struct abi_request request __attribute__((aligned(16))) = {
		.operation = ABI_REQUEST_EXITS, .status = 77,
		.argument = { ABI_ALL, ABI_ALL },
	};

	host_write(ABI_PORT_REQUEST, (uintptr_t)&request + 4);
	host_write(ABI_PORT_REQUEST, NOWHERE);
	host_write(ABI_PORT_REQUEST, 0xfffffff8);
	host_write(ABI_PORT_POINT, NOWHERE);
	host_write(ABI_PORT_STATE, ABI_STATE_PUT | ABI_STATE_NUMBER(3));
	host_write(ABI_PORT_STATE, ABI_STATE_TAKE | ABI_STATE_NUMBER(1000));
	EXPECT_EQ(*(volatile u32 *)&request.status, 77);
}

static u32 taken;

static void take(void *arg)
{
	(void)arg;
	atomic_add(&taken, 1);
}

static void wait_for(const u32 *count, u32 want)
{
	/* Some emulators look for interrupts only at an exit. */
	for (u32 n = 0; n < 1000 && *(volatile const u32 *)count != want; n++) {
		irq_enable();
		in8(0x80);
		irq_disable();
	}
}

static u64 msi_address(u32 id)
{
	return APIC_DEFAULT_BASE | id << 12;
}

TEST(msi, "a message interrupts the CPU that it is for", DEVICE(TESTDEV_MSI))
{
	taken = 0;
	WITH_IRQ(VECTOR, take, NULL) {
		EXPECT_EQ(ASK(MSI, msi_address(apic_id()), VECTOR), 1);
		wait_for(&taken, 1);
	}
	EXPECT_EQ(taken, 1);
	EXPECT_EQ(ASK(MSI, msi_address(200), VECTOR), 0);
}

#define INPUT	11

TEST(line, "a line interrupts when it rises", DEVICE(TESTDEV_MSI))
{
	taken = 0;
	WITH_IRQ(VECTOR, take, NULL) {
		ioapic_route(INPUT, VECTOR, apic_id());
		ASK(LINE, INPUT, 1);
		wait_for(&taken, 1);
		EXPECT_EQ(taken, 1);
		ASK(LINE, INPUT, 0);
		ASK(LINE, INPUT, 1);
		wait_for(&taken, 2);
		ASK(LINE, INPUT, 0);
		ioapic_route(INPUT, IOAPIC_MASKED, 0);
	}
	EXPECT_EQ(taken, 2);
}

static bool count_nmi(struct frame *frame)
{
	(void)frame;
	atomic_add(&taken, 1);
	return true;
}

static void spin_until_taken(void *arg)
{
	(void)arg;
	for (u32 n = 0; n < 1000000 && !*(volatile u32 *)&taken; n++)
		cpu_relax();
}

TEST(nmi, "an NMI at another CPU", DEVICE(TESTDEV_NMI), CPUS(2))
{
	taken = 0;
	exception_handle(VECTOR_NMI, count_nmi);
	on_cpu_begin(1, spin_until_taken, NULL);
	ASK(NMI, cpu_get(1)->apic_id);
	on_cpu_end(1);
	exception_handle(VECTOR_NMI, NULL);
	EXPECT_EQ(taken, 1);
}

/* SDM 3C, 32.4: SMBASE is 0x30000 after reset, entry is at 0x8000 in it. */
#define SMM_ENTRY	((u8 *)0x38000)
#define SMM_COUNT	((volatile u8 *)0x39000)

TEST(smi, "an SMI enters SMM, and RSM leaves it", DEVICE(TESTDEV_SMI))
{
	static const u8 code[] = {
		0x2e, 0xfe, 0x06, 0x00, 0x90,	/* incb %cs:0x9000 */
		0x0f, 0xaa,			/* rsm */
	};

	memcpy(SMM_ENTRY, code, sizeof(code));
	*SMM_COUNT = 0;
	ASK(SMI, ABI_SELF);
	for (u32 n = 0; n < 10000 && !*SMM_COUNT; n++)
		cpu_relax();
	EXPECT_EQ(*SMM_COUNT, 1);
}

#define MSR_MCG_STATUS	0x17a
#define MCG_STATUS	(BIT(0) | BIT(2))		/* RIPV, MCIP */
#define MCI_STATUS	(BIT(63) | BIT(61) | BIT(60) | 0x135)	/* VAL, UC, EN */

static u64 mci_status;

static bool on_machine_check(struct frame *frame)
{
	(void)frame;
	mci_status = rdmsr(MSR_MC0_CTL + 1);
	wrmsr(MSR_MC0_CTL + 1, 0);
	wrmsr(MSR_MCG_STATUS, 0);
	return true;
}

TEST(mce, "a machine check, and what the bank says", DEVICE(TESTDEV_MCE))
{
	mci_status = 0;
	exception_handle(VECTOR_MC, on_machine_check);
	/* SDM 3B, 16.3.2.1: a bank signals what its control register enables. */
	WITH_MSR(MSR_MC0_CTL, -1ull) WITH_CR4(CR4_MCE, 0) {
		ASK(MCE, ABI_SELF, 0, MCI_STATUS, 0x1234, 0, MCG_STATUS);
		for (u32 n = 0; n < 10000 && !*(volatile u64 *)&mci_status; n++)
			cpu_relax();
	}
	exception_handle(VECTOR_MC, NULL);
	EXPECT_EQ(mci_status, MCI_STATUS);
}

TEST(mce_unwanted, "without CR4.MCE a machine check is a shutdown",
     DEVICE(TESTDEV_MCE), ENDS(SHUTDOWN))
{
	EXPECT(!(read_cr4() & CR4_MCE));
	wrmsr(MSR_MC0_CTL, -1ull);
	ASK(MCE, ABI_SELF, 0, MCI_STATUS, 0x1234, 0, MCG_STATUS);
	for (u32 n = 0; n < 10000; n++)
		cpu_relax();
}
