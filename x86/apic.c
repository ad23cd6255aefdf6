/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC (SDM 3A, "Advanced Programmable Interrupt Controller"; APM 2,
 * chapter 16): its registers here; errors, IPIs, timer, NMIs, priorities, and the
 * states that IA32_APIC_BASE puts it into in the parts of this image, apic/.
 *
 * The parts that leave xAPIC mode come last: there are machines that find no way back.
 */
#include <apic.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>

#define MAX_LVT(version)	((version) >> 16 & 0xff)
#define LVT_ENTRIES_MIN		4	/* timer, LINT0, LINT1, error */

TEST(version, "an integrated APIC, with at least timer, LINT0, LINT1 and error")
{
	u32 version = apic_read(APIC_VERSION);

	EXPECT((version & 0xff) >= 0x10 && (version & 0xff) <= 0x15);
	EXPECT(MAX_LVT(version) + 1 >= LVT_ENTRIES_MIN);
	EXPECT_EQ(version >> 25, 0);
}

static void expect_identity(void *arg)
{
	(void)arg;
	apic_enable();
	EXPECT_EQ(apic_read(APIC_ID) & 0xffffff, 0);
	EXPECT_EQ(apic_id(), cpuid(1, 0).reg[CPUID_EBX] >> 24);
	if (cpuid(0, 0).reg[CPUID_EAX] >= 0xb && cpuid(0xb, 0).reg[CPUID_EBX])
		EXPECT_EQ(apic_id(), cpuid(0xb, 0).reg[CPUID_EDX]);
}

TEST(identity, "each CPU's id is what CPUID says there that it is at reset")
{
	for (unsigned int cpu = 0; cpu < cpu_count(); cpu++) SUBTEST("CPU %u", cpu)
		on_cpu(cpu, expect_identity, NULL);
}

static const struct {
	const char *name;
	u32 reg;
	u32 kept;		/* bits that can be written; 0: none, read-only */
} registers[] = {
	/* "Local APIC Register Address Map", and each one's figure */
	{ "version",		APIC_VERSION,	0 },
	{ "TPR",		APIC_TPR,	0xff },
	{ "PPR",		APIC_PPR,	0 },
	{ "LDR",		APIC_LDR,	0xff000000 },
	{ "DFR",		APIC_DFR,	0xf0000000 },
	{ "ISR 31:0",		APIC_ISR,	0 },
	{ "ISR 255:224",	APIC_ISR + 0x70, 0 },
	{ "TMR 31:0",		APIC_TMR,	0 },
	{ "IRR 31:0",		APIC_IRR,	0 },
	{ "IRR 255:224",	APIC_IRR + 0x70, 0 },
	{ "ICR 63:32",		APIC_ICR2,	0xff000000 },
	{ "timer",		APIC_LVT_TIMER,	APIC_LVT_MASKED | 0x200ff },
	{ "LINT0",		APIC_LVT_LINT0,	APIC_LVT_MASKED | 0xa7ff },
	{ "LINT1",		APIC_LVT_LINT1,	APIC_LVT_MASKED | 0xa7ff },
	{ "error",		APIC_LVT_ERROR,	APIC_LVT_MASKED | 0xff },
	{ "current count",	APIC_TMCCT,	0 },
	{ "divide",		APIC_TDCR,	0xb },
};

struct register_scope {
	struct scope scope;
	u32 reg, old;
};

static void register_leave(struct scope *scope)
{
	struct register_scope *s = (struct register_scope *)scope;

	apic_write(s->reg, s->old);
}

static void register_enter(struct register_scope *s, u32 reg)
{
	s->reg = reg;
	s->old = apic_read(reg);
	scope_enter(&s->scope, register_leave);
}

/* The valid values of a field are few; these are such for each row. */
static const u32 patterns[] = { 0x00010020, 0x000100f1, 0x0b0f0bff, 0xf0000008 };

TEST(registers, "registers keep what can be written to them, and no more")
{
	apic_enable();
	for_each(row, registers) SUBTEST("%s", row->name)
		SCOPE(register_scope, register_enter, row->reg) {
			u32 old = apic_read(row->reg);

			for_each(pattern, patterns) {
				/* LVTs stay masked, and their other fields 0. */
				u32 value = row->kept & APIC_LVT_MASKED ?
					APIC_LVT_MASKED | (*pattern & 0xff) : *pattern;

				apic_write(row->reg, value);
				EXPECT_EQ(apic_read(row->reg) & row->kept,
					  value & row->kept);
				if (!row->kept)
					EXPECT_EQ(apic_read(row->reg), old);
			}
		}
}

static void write_cr8(unsigned long value)
{
	asm volatile(WRITE_CR8 : : "a"(value) : "memory");
}

static unsigned long read_cr8(void)
{
	unsigned long value;

	asm volatile(READ_CR8 : "=a"(value));
	return value;
}

TEST(cr8, "CR8 is TPR's upper half, and writing it clears the lower one",
     REQUIRES(CPU_LM))
{
	if (!IS_64BIT)
		return skip("not in 64-bit mode");
	apic_enable();
	for (unsigned long class = 0; class < 16; class++) {
		apic_write(APIC_TPR, class << 4 | 5);
		EXPECT_EQ(read_cr8(), class);
		write_cr8(15 - class);
		EXPECT_EQ(apic_read(APIC_TPR), (15 - class) << 4);
	}
	apic_write(APIC_TPR, 0);
}

static const struct {
	const char *name;
	u32 reg;
} lvts[] = {
	{ "timer", APIC_LVT_TIMER }, { "LINT0", APIC_LVT_LINT0 },
	{ "LINT1", APIC_LVT_LINT1 }, { "error", APIC_LVT_ERROR },
};

TEST(software_disabled, "while SVR bit 8 is clear all LVT entries are masked, and stay so")
{
	apic_enable();
	for_each(lvt, lvts) SUBTEST("%s", lvt->name)
		SCOPE(register_scope, register_enter, lvt->reg) {
			apic_write(lvt->reg, 0x40);
			EXPECT_EQ(apic_read(lvt->reg) & APIC_LVT_MASKED, 0);
			apic_write(APIC_SVR, 0xff);
			EXPECT(apic_read(lvt->reg) & APIC_LVT_MASKED);
			apic_write(lvt->reg, 0x40);
			EXPECT(apic_read(lvt->reg) & APIC_LVT_MASKED);
			apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
			EXPECT(apic_read(lvt->reg) & APIC_LVT_MASKED);
		}
}

#define VECTOR	0x51

/* APM 2, "APIC Enable": no further fixed interrupts are accepted. */
TEST(software_disabled_ipi, "a software-disabled APIC takes no fixed interrupt")
{
	u32 count = 0, self = apic_id();

	WITH_IRQ(VECTOR, irq_count, &count) {
		apic_write(APIC_SVR, 0xff);
		apic_ipi(APIC_INT_ASSERT | VECTOR, self);
		irq_let_in();
		apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
		irq_let_in();
		EXPECT_EQ(count, 0);
		count = 0;
		apic_ipi(APIC_INT_ASSERT | VECTOR, self);
		EXPECT_TAKEN(&count, 1);
	}
}

/* What was accepted before is kept, and taken when the APIC is enabled again. */
TEST(software_disabled_pending, "what waits in IRR is not lost while the APIC is disabled")
{
	u32 count = 0;

	WITH_IRQ(VECTOR, irq_count, &count) {
		apic_ipi(APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
		EXPECT(apic_vector_is(APIC_IRR, VECTOR));
		apic_write(APIC_SVR, 0xff);
		EXPECT(apic_vector_is(APIC_IRR, VECTOR));
		apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
		EXPECT_TAKEN(&count, 1);
	}
}
