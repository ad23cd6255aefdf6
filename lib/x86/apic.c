/* SPDX-License-Identifier: BSD-2-Clause */
/* Local APIC in both modes, I/O APIC, and the 8259s' mask. */
#include <apic.h>
#include <asm/cpu.h>
#include <clock.h>
#include <smp.h>

#define PIC1_MASK	0x21
#define PIC2_MASK	0xa1
#define SPURIOUS	0xff
#define DELAY_PORT	0x80

static volatile u32 *xapic(u32 reg)
{
	return (volatile u32 *)(uintptr_t)(APIC_DEFAULT_BASE + reg);
}

bool apic_is_x2(void)
{
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD;
}

void apic_enable_x2(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	wrmsr(MSR_APIC_BASE, base | APIC_BASE_EN | APIC_BASE_EXTD);
}

u32 apic_read(u32 reg)
{
	return apic_is_x2() ? rdmsr(MSR_X2APIC + reg / 16) : *xapic(reg);
}

void apic_write(u32 reg, u32 value)
{
	if (apic_is_x2())
		wrmsr(MSR_X2APIC + reg / 16, value);
	else
		*xapic(reg) = value;
}

void apic_enable(void)
{
	static bool pics_masked;

	if (!pics_masked) {
		pics_masked = true;
		out8(PIC1_MASK, 0xff);
		out8(PIC2_MASK, 0xff);
	}
	apic_write(APIC_SVR, APIC_SVR_ENABLE | SPURIOUS);
}

u32 apic_id(void)
{
	u32 id = apic_read(APIC_ID);

	return apic_is_x2() ? id : id >> 24;
}

void apic_ipi(u32 command, u32 destination)
{
	if (apic_is_x2()) {
		wrmsr(MSR_X2APIC + APIC_ICR / 16,
		      (u64)destination << 32 | command);
		return;
	}
	*xapic(APIC_ICR2) = destination << 24;
	*xapic(APIC_ICR) = command;
	while (*xapic(APIC_ICR) & APIC_ICR_BUSY)
		cpu_relax();
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

static volatile u32 *ioapic(u32 offset)
{
	return (volatile u32 *)(uintptr_t)(IOAPIC_BASE + offset);
}

u32 ioapic_read(u32 reg)
{
	*ioapic(IOAPIC_SELECT) = reg;
	return *ioapic(IOAPIC_WINDOW);
}

void ioapic_write(u32 reg, u32 value)
{
	*ioapic(IOAPIC_SELECT) = reg;
	*ioapic(IOAPIC_WINDOW) = value;
}

void ioapic_route(unsigned int input, u32 entry, u8 destination)
{
	u32 reg = IOAPIC_REG_ENTRY + 2 * input;

	/* Masked while it is half written. */
	ioapic_write(reg, IOAPIC_MASKED);
	ioapic_write(reg + 1, (u32)destination << 24);
	ioapic_write(reg, entry);
}

void irq_settle(const volatile u32 *count, u32 wanted)
{
	irq_enable();
	for (unsigned int i = 0; i < 2000 && *count < wanted; i++) {
		in8(DELAY_PORT);
		delay_us(20);
	}
	for (unsigned int i = 0; i < 10; i++)
		in8(DELAY_PORT);
	irq_disable();
}
