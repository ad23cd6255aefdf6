/* SPDX-License-Identifier: BSD-2-Clause */
/* Local APIC in both modes, I/O APIC, and the 8259s' mask. */
#include <apic.h>
#include <exception.h>
#include <smp.h>

#define PIC1_MASK	0x21
#define PIC2_MASK	0xa1
#define SPURIOUS	0xff

static volatile u32 *xapic(u32 reg)
{
	return (volatile u32 *)(uintptr_t)(APIC_DEFAULT_BASE + reg);
}

bool apic_is_x2(void)
{
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD;
}

enum apic_mode apic_mode(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	return !(base & APIC_BASE_EN) ? APIC_DISABLED :
		base & APIC_BASE_EXTD ? APIC_X2 : APIC_XAPIC;
}

void apic_mode_set(enum apic_mode mode)
{
	u64 base = rdmsr(MSR_APIC_BASE) & ~(u64)(APIC_BASE_EN | APIC_BASE_EXTD);
	enum apic_mode old = apic_mode();

	/* Into x2APIC mode from xAPIC mode only; out of it through disabled only. */
	if (mode < old)
		wrmsr(MSR_APIC_BASE, base);
	if (mode == APIC_XAPIC || (mode == APIC_X2 && old == APIC_DISABLED))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_EN);
	if (mode == APIC_X2)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_EN | APIC_BASE_EXTD);
	if (mode != APIC_DISABLED)
		apic_enable();
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

/* May come at any time ("Spurious Interrupt"), is in no ISR, and wants no EOI. */
static void spurious(void *arg)
{
	(void)arg;
}

void apic_enable(void)
{
	static bool once;

	if (!once) {
		once = true;
		out8(PIC1_MASK, 0xff);
		out8(PIC2_MASK, 0xff);
		irq_set(SPURIOUS, (struct irq){ spurious, NULL, true });
	}
	apic_write(APIC_SVR, APIC_SVR_ENABLE | SPURIOUS);
}

u32 apic_id(void)
{
	u32 id = apic_read(APIC_ID);

	return apic_is_x2() ? id : id >> 24;
}

/* All ones where there is no APIC any more. */
static bool xapic_is_busy(void)
{
	u32 icr = *xapic(APIC_ICR);

	return icr & APIC_ICR_BUSY && icr != 0xffffffff;
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
	while (xapic_is_busy())
		cpu_relax();
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

bool apic_vector_is(u32 array, u8 vector)
{
	return apic_read(array + vector / 32 * 16) >> vector % 32 & 1;
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

bool ioapic_present(void)
{
	u32 version = ioapic_read(IOAPIC_REG_VERSION);

	return version && version != 0xffffffff;
}
