/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What IA32_APIC_BASE makes of the local APIC (SDM 3A, "Local APIC Status and Location",
 * "Enabling or Disabling the Local APIC", "x2APIC States").
 */
#include <apic.h>
#include <asm/cpu.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <work.h>

#define VECTOR		0x54
#define ELSEWHERE	0xfed40000u	/* no RAM, no device */

static volatile u32 *mmio(u32 base, u32 reg)
{
	return (volatile u32 *)(uintptr_t)(base + reg);
}

struct base_scope {
	struct scope scope;
	u64 old;
};

static void base_leave(struct scope *scope)
{
	wrmsr(MSR_APIC_BASE, ((struct base_scope *)scope)->old);
}

static void base_enter(struct base_scope *s)
{
	s->old = rdmsr(MSR_APIC_BASE);
	scope_enter(&s->scope, base_leave);
}

#define WITH_BASE()	SCOPE(base_scope, base_enter)

static unsigned int physical_bits(void)
{
	return cpuid(0x80000000, 0).reg[CPUID_EAX] >= 0x80000008 ?
		cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff : 36;
}

TEST(base_reserved, "reserved bits of IA32_APIC_BASE are #GP(0)")
{
	WITH_BASE() {
		u64 base = rdmsr(MSR_APIC_BASE);

		EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_APIC_BASE, base));
		for (unsigned int bit = 0; bit < 8; bit++)
			EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_APIC_BASE, base | BIT(bit)));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_APIC_BASE, base | BIT(9)));
		for (unsigned int bit = physical_bits(); bit < 64; bit++)
			EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_APIC_BASE, base | BIT(bit)));
		EXPECT_EQ(rdmsr(MSR_APIC_BASE), base);
	}
}

static void is_bsp(void *arg)
{
	*(bool *)arg = rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP;
}

TEST(bsp, "one CPU is the bootstrap processor, this one", CPUS(2))
{
	bool bsp;

	for (unsigned int i = 0; i < cpu_count(); i++) {
		on_cpu(i, is_bsp, &bsp);
		EXPECT_EQ(bsp, !i);
	}
}

TEST(id_write, "a write to the xAPIC id sticks or is ignored, without a fault")
{
	u32 old = apic_read(APIC_ID), now;

	apic_enable();
	EXPECT_FAULT(FAULT_NONE, TRY("movl %1, (%0)", "r"(mmio(APIC_DEFAULT_BASE, APIC_ID)),
				     "r"(old ^ 0x04000000)));
	now = apic_read(APIC_ID);
	EXPECT(now == old || now == (old ^ 0x04000000));
	apic_write(APIC_ID, old);
	EXPECT_EQ(apic_read(APIC_ID), old);
}

static void id_set(u32 id)
{
	apic_write(APIC_ID, id << 24);
}

static u32 wanted_id, has_id;

/* By memory: an IPI would not know which of the two it is for. */
static void take_ids(void *arg)
{
	u32 own = apic_id();

	(void)arg;
	while (!work_is_over()) {
		id_set(__atomic_load_n(&wanted_id, __ATOMIC_ACQUIRE));
		__atomic_store_n(&has_id, apic_id(), __ATOMIC_RELEASE);
		irq_let_in();
	}
	id_set(own);
}

static bool both_take(u32 id, struct arrivals *arrivals)
{
	bool both;

	__atomic_store_n(&wanted_id, id, __ATOMIC_RELEASE);
	while (__atomic_load_n(&has_id, __ATOMIC_ACQUIRE) != id)
		cpu_relax();
	id_set(id);
	apic_ipi(APIC_INT_ASSERT | VECTOR, id);
	both = irq_wait(&arrivals->at[0], 1) && irq_wait(&arrivals->at[1], 1);
	EXPECT(both);
	EXPECT_EQ(arrivals->at[0], 1);
	EXPECT_EQ(arrivals->at[1], 1);
	arrivals->at[0] = arrivals->at[1] = 0;
	return both;
}

/*
 * Ids have to be unique, but where they are not, each APIC compares for itself.  KVM
 * does so as long as it announces no x2APIC.
 */
TEST(alias, "two CPUs that are given one id both take what is sent to it",
     LACKS(CPU_X2APIC), CPUS(2), DEVICE(DEVICE_KVM))
{
	static struct arrivals arrivals;
	u32 own = apic_id();

	id_set(0x10);
	has_id = apic_id();
	id_set(own);
	if (has_id != 0x10)
		return skip("ids are read-only");
	has_id = wanted_id = 0;
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
		WITH_WORK(1, take_ids, NULL) {
			for (u32 id = 0x10; id < 0xff; id += 0x13)
				if (!both_take(id, &arrivals))
					break;
			id_set(own);
		}
	}
}

TEST(relocate, "the registers lie where the base says")
{
	apic_enable();
	WITH_BASE() {
		u64 flags = rdmsr(MSR_APIC_BASE) & 0xfff;
		u32 version = apic_read(APIC_VERSION);

		apic_write(APIC_TPR, 0x35);
		EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_APIC_BASE, ELSEWHERE | flags));
		EXPECT_EQ(rdmsr(MSR_APIC_BASE), ELSEWHERE | flags);
		EXPECT_EQ(*mmio(ELSEWHERE, APIC_VERSION), version);
		EXPECT_EQ(*mmio(ELSEWHERE, APIC_TPR), 0x35);
		*mmio(ELSEWHERE, APIC_TPR) = 0;
		EXPECT(*mmio(APIC_DEFAULT_BASE, APIC_VERSION) != version);
	}
	EXPECT_EQ(apic_read(APIC_TPR), 0);
	apic_write(APIC_TPR, 0);
}

struct disabled_scope {
	struct scope scope;
	enum apic_mode old;
};

static void disabled_leave(struct scope *scope)
{
	apic_mode_set(((struct disabled_scope *)scope)->old);
}

/* Of this CPU only; the others' go on. */
static void disabled_enter(struct disabled_scope *s)
{
	s->old = apic_mode();
	scope_enter(&s->scope, disabled_leave);
	apic_mode_set(APIC_DISABLED);
}

#define WITH_APIC_DISABLED()	SCOPE(disabled_scope, disabled_enter)

TEST(disabled, "a disabled APIC is not in CPUID, and its page is nobody's")
{
	EXPECT(cpu_has(CPU_APIC));
	WITH_APIC_DISABLED() {
		EXPECT(!cpu_has(CPU_APIC));
		EXPECT_EQ(*mmio(APIC_DEFAULT_BASE, APIC_VERSION), 0xffffffff);
		EXPECT_EQ(*mmio(APIC_DEFAULT_BASE, APIC_TPR), 0xffffffff);
		*mmio(APIC_DEFAULT_BASE, APIC_TPR) = 0x30;
		EXPECT_EQ(*mmio(APIC_DEFAULT_BASE, APIC_TPR), 0xffffffff);
	}
	EXPECT(cpu_has(CPU_APIC));
	EXPECT(apic_read(APIC_VERSION) != 0xffffffff);
	EXPECT_EQ(apic_read(APIC_TPR), 0);
}

#if IS_64BIT
TEST(disabled_cr8, "CR8 is there without an APIC; with it, it is TPR's again")
{
	unsigned long value = 0;

	WITH_APIC_DISABLED() {

		EXPECT_FAULT(FAULT_NONE, TRY(WRITE_CR8, "a"(5ul)));
		EXPECT_FAULT(FAULT_NONE, TRY_OUT(READ_CR8, OUT("+a"(value))));
		EXPECT_EQ(value, 5);
		EXPECT_EQ(*mmio(APIC_DEFAULT_BASE, APIC_TPR), 0xffffffff);
	}
	/* Either may have been kept, or be as after a reset. */
	asm volatile(READ_CR8 : "=a"(value));
	EXPECT_EQ(apic_read(APIC_TPR) >> 4, value);
	asm volatile(WRITE_CR8 : : "a"(0ul));
	EXPECT_EQ(apic_read(APIC_TPR), 0);
}
#endif

static const struct {
	const char *name;
	u32 reg, value;
} reset[] = {
	/* "Local APIC State After Power-Up or Reset" */
	{ "TPR",	APIC_TPR,	0 },
	{ "LDR",	APIC_LDR,	0 },
	{ "DFR",	APIC_DFR,	0xffffffff },
	{ "SVR",	APIC_SVR,	0xff },
	{ "ICR",	APIC_ICR,	0 },
	{ "ICR 63:32",	APIC_ICR2,	0 },
	{ "timer",	APIC_LVT_TIMER,	APIC_LVT_MASKED },
	{ "LINT0",	APIC_LVT_LINT0,	APIC_LVT_MASKED },
	{ "LINT1",	APIC_LVT_LINT1,	APIC_LVT_MASKED },
	{ "error",	APIC_LVT_ERROR,	APIC_LVT_MASKED },
	{ "initial count", APIC_TMICT,	0 },
	{ "current count", APIC_TMCCT,	0 },
	{ "divide",	APIC_TDCR,	0 },
};

/* "… may be lost": each register is as it was, or as at reset. */
TEST(reset, "an APIC disabled and enabled again is as it was, or as after a reset")
{
	u64 base = rdmsr(MSR_APIC_BASE);
	u32 id = apic_read(APIC_ID), before[ARRAY_SIZE(reset)];

	apic_enable();
	apic_write(APIC_LDR, 0x01000000);
	apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED | 0x55);
	apic_write(APIC_TDCR, APIC_TDCR_BY_1);
	apic_write(APIC_TPR, 0x40);
	for_each(row, reset)
		before[row - reset] = apic_read(row->reg);
	WITH_APIC_DISABLED() {
		wrmsr(MSR_APIC_BASE, base);
		for_each(row, reset) SUBTEST("%s", row->name) {
			u32 now = apic_read(row->reg);

			if (now != before[row - reset])
				EXPECT_EQ(now, row->value);
			else
				EXPECT_EQ(now, before[row - reset]);
		}
		EXPECT_EQ(apic_read(APIC_ID), id);
	}
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LDR, 0);
	apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
}

#define INVALID		APIC_BASE_EXTD

static const struct {
	const char *name;
	u64 bits;
} states[] = {
	{ "disabled",	0 },
	{ "xAPIC",	APIC_BASE_EN },
	{ "x2APIC",	APIC_BASE_EN | APIC_BASE_EXTD },
};

static u64 with_bits(u64 bits)
{
	return (rdmsr(MSR_APIC_BASE) & ~(u64)(APIC_BASE_EN | APIC_BASE_EXTD)) | bits;
}

static bool allowed(u64 from, u64 to)
{
	return to != INVALID && !(from == states[2].bits && to == states[1].bits) &&
		!(from == states[0].bits && to == states[2].bits);
}

static void from_state(u64 from, u64 to)
{
	u64 before;

	apic_mode_set(from & APIC_BASE_EXTD ? APIC_X2 :
		      from ? APIC_XAPIC : APIC_DISABLED);
	before = rdmsr(MSR_APIC_BASE);
	if (allowed(from, to)) {
		EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_APIC_BASE, with_bits(to)));
		EXPECT_EQ(rdmsr(MSR_APIC_BASE), with_bits(to));
	} else {
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_APIC_BASE, with_bits(to)));
		EXPECT_EQ(rdmsr(MSR_APIC_BASE), before);
	}
}

TEST(states, "IA32_APIC_BASE changes as the manual's figure of states has it, else #GP(0)",
     REQUIRES(CPU_X2APIC))
{
	WITH_APIC_DISABLED()
		for_each(from, states) {
			for_each(to, states)
				SUBTEST("%s to %s", from->name, to->name)
					from_state(from->bits, to->bits);
			SUBTEST("%s to invalid", from->name)
				from_state(from->bits, INVALID);
		}
}

TEST(states_without, "without x2APIC in CPUID, its bit is reserved", LACKS(CPU_X2APIC))
{
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_APIC_BASE,
					    with_bits(APIC_BASE_EN | APIC_BASE_EXTD)));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_APIC_BASE, with_bits(INVALID)));
}

TEST(again, "disabled and enabled again it takes interrupts, and sends them", CPUS(2))
{
	static struct arrivals arrivals;

	smp_start();
	WITH_APIC_DISABLED()
		;
	REQUIRE(apic_mode() == APIC_XAPIC);
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
		apic_ipi(APIC_INT_ASSERT | APIC_DEST_ALL | VECTOR, 0);
		EXPECT_ARRIVALS(&arrivals, irq_all_cpus());
	}
}
