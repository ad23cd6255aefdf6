/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of the machine: pc-testdev's lines through the IOAPIC and through the
 * 8259s (Intel 82093AA and 8259A data sheets), the i8254 (its data sheet), and the
 * HPET's counter (IA-PC HPET specification 1.0a).
 */
#include <apic.h>
#include <clock.h>
#include <exception.h>
#include <irq.h>
#include <scope.h>
#include <test.h>

#define LINES		0x2000
#define LINE		0x0e
#define VECTOR		0x41
#define PIC_BASE	0x60		/* vectors that the 8259s are given */

static void counting(void *arg)
{
	++*(u32 *)arg;
}

TEST(ioapic, "an IOAPIC of 24 inputs whose entries keep what they are given",
     REQUIRES(CPU_APIC))
{
	u32 version = ioapic_read(IOAPIC_REG_VERSION);

	EXPECT_EQ(version >> 16 & 0xff, 23);
	EXPECT((version & 0xff) >= 0x11 && (version & 0xff) <= 0x20);
	ioapic_write(IOAPIC_REG_ENTRY + 2 * LINE, IOAPIC_MASKED | VECTOR);
	EXPECT_EQ(ioapic_read(IOAPIC_REG_ENTRY + 2 * LINE), IOAPIC_MASKED | VECTOR);
}

TEST(edge, "a line of pc-testdev that rises is one interrupt", REQUIRES(CPU_APIC),
     DEVICE(DEVICE_PC_TESTDEV))
{
	volatile u32 count = 0;

	apic_enable();
	ioapic_route(LINE, VECTOR, apic_id());
	WITH_IRQ(VECTOR, counting, (void *)&count) {
		out8(LINES + LINE, 1);
		EXPECT_TAKEN(&count, 1);
		out8(LINES + LINE, 0);
		irq_let_in();
		EXPECT_EQ(count, 1);
	}
	ioapic_route(LINE, IOAPIC_MASKED, 0);
}

static void lower(void *arg)
{
	++*(u32 *)arg;
	in8(0x80);		/* an exit in between does no harm */
	out8(LINES + LINE, 0);
}

TEST(level, "a line that stays high interrupts until it is low", REQUIRES(CPU_APIC),
     DEVICE(DEVICE_PC_TESTDEV))
{
	volatile u32 count = 0;

	apic_enable();
	ioapic_route(LINE, VECTOR | IOAPIC_LEVEL, apic_id());
	WITH_IRQ(VECTOR, lower, (void *)&count) {
		for (u32 i = 1; i <= 3; i++) {
			out8(LINES + LINE, 1);
			EXPECT_TAKEN(&count, i);
		}
	}
	ioapic_route(LINE, IOAPIC_MASKED, 0);
}

/* Fixed edge bases, cascade at 2, 8086 mode, no automatic EOI. */
static void pics_begin(u8 mask1, u8 mask2)
{
	if (cpu_has(CPU_APIC))
		apic_enable();	/* which masks them, the first time */
	out8(0x20, 0x11);
	out8(0x21, PIC_BASE);
	out8(0x21, 4);
	out8(0x21, 1);
	out8(0xa0, 0x11);
	out8(0xa1, PIC_BASE + 8);
	out8(0xa1, 2);
	out8(0xa1, 1);
	out8(0x21, mask1);
	out8(0xa1, mask2);
	/* What the 8259s say comes in by LINT0, as it is. */
	if (cpu_has(CPU_APIC))
		apic_write(APIC_LVT_LINT0, APIC_DM_EXTINT);
}

static void pics_end(void)
{
	if (cpu_has(CPU_APIC))
		apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
}

static void pic_counting(void *arg)
{
	++*(u32 *)arg;
	out8(LINES + LINE, 0);
	out8(0xa0, 0x20);
	out8(0x20, 0x20);
}

TEST(pic, "a line arrives through the 8259s and LINT0", DEVICE(DEVICE_PC_TESTDEV))
{
	volatile u32 count = 0;
	struct irq old = irq_set(PIC_BASE + LINE, (struct irq){
		pic_counting, (void *)&count, true
	});

	pics_begin(0xff & ~BIT(2), 0xff & ~BIT(LINE - 8));
	for (u32 i = 1; i <= 3; i++) {
		out8(LINES + LINE, 1);
		EXPECT_TAKEN(&count, i);
	}
	out8(0xa1, 0xff);
	out8(LINES + LINE, 1);
	irq_let_in();
	EXPECT_EQ(count, 3);
	/* The request waits in IRR (OCW3). */
	out8(0xa0, 0x0a);
	EXPECT_EQ(in8(0xa0) & BIT(LINE - 8), BIT(LINE - 8));
	out8(LINES + LINE, 0);
	pics_end();
	irq_set(PIC_BASE + LINE, old);
}

static bool pit_present(void)
{
	u16 first, last;

	/* Channel 0, mode 2, latched counts that differ. */
	out8(0x43, 0x34);
	out8(0x40, 0xff);
	out8(0x40, 0xff);
	out8(0x43, 0x00);
	first = in8(0x40);
	first |= in8(0x40) << 8;
	delay_us(50);
	out8(0x43, 0x00);
	last = in8(0x40);
	last |= in8(0x40) << 8;
	if (first == last)
		return skip("no i8254"), false;
	return true;
}

static void tick(void *arg)
{
	++*(u32 *)arg;
	out8(0x20, 0x20);
}

TEST(pit, "the i8254 ticks on line 0")
{
	struct irq old;
	volatile u32 count = 0;

	if (!pit_present())
		return;
	old = irq_set(PIC_BASE, (struct irq){ tick, (void *)&count, true });
	pics_begin(0xff & ~BIT(0), 0xff);
	/* 1 kHz */
	out8(0x43, 0x34);
	out8(0x40, 1193 & 0xff);
	out8(0x40, 1193 >> 8);
	irq_wait(&count, 5);
	EXPECT(count >= 5);
	pics_end();
	irq_set(PIC_BASE, old);
}

TEST(table, "real mode's interrupt table leads to handlers in ROM")
{
	static const u8 vectors[] = { 0x08, 0x11, 0x73 };

	if (!pit_present())
		return;
	for_each(vector, vectors) {
		volatile u16 *entry = (u16 *)(uintptr_t)(*vector * 4);
		u32 handler;

		asm("" : "+r"(entry));	/* the compiler knows that nothing is at 0 */
		handler = entry[1] * 16 + entry[0];
		if (!handler)
			return skip("no firmware");
		EXPECT(handler >= 0xc0000 && handler < 0x110000);
	}
}

#define HPET		0xfed00000u

static u32 hpet_read(u32 offset)
{
	return *(volatile u32 *)(uintptr_t)(HPET + offset);
}

TEST(hpet, "the HPET's counter runs while it is enabled, and never backwards")
{
	u32 last, now, period = hpet_read(4);

	if (period == 0xffffffff || !period)
		return skip("no HPET");
	EXPECT(period <= 100000000);
	EXPECT((hpet_read(0) & 0xff) && hpet_read(0) & BIT(13));
	*(volatile u32 *)(uintptr_t)(HPET + 0x10) = 0;
	last = hpet_read(0xf0);
	EXPECT_EQ(hpet_read(0xf0), last);
	*(volatile u32 *)(uintptr_t)(HPET + 0x10) = 1;
	for (unsigned int i = 0; i < 1000; i++) {
		now = hpet_read(0xf0);
		EXPECT(now - last < BIT(31));
		last = now;
	}
	delay_us(1);
	EXPECT(hpet_read(0xf0) != last);
	*(volatile u32 *)(uintptr_t)(HPET + 0x10) = 0;
}
