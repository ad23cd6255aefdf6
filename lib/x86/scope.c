/* SPDX-License-Identifier: BSD-2-Clause */
/* Borrowed processor state, and privileged writes that may fault. */
#include <apic.h>
#include <irq.h>
#include <exception.h>
#include <paging.h>
#include <scope.h>
#include <smp.h>

static void cr0_leave(struct scope *scope)
{
	struct cr0_scope *s = (struct cr0_scope *)scope;

	if (read_cr0() != s->old)
		write_cr0(s->old);
}

void cr0_enter(struct cr0_scope *s, unsigned long set, unsigned long clear)
{
	unsigned long cr0;

	s->old = read_cr0();
	cr0 = (s->old | set) & ~clear;
	scope_enter(&s->scope, cr0_leave);
	if (cr0 != s->old)
		write_cr0(cr0);
}

static void cr4_leave(struct scope *scope)
{
	struct cr4_scope *s = (struct cr4_scope *)scope;

	if (read_cr4() != s->old)
		write_cr4(s->old);
}

void cr4_enter(struct cr4_scope *s, unsigned long set, unsigned long clear)
{
	unsigned long cr4;

	s->old = read_cr4();
	cr4 = (s->old | set) & ~clear;
	scope_enter(&s->scope, cr4_leave);
	if (cr4 != s->old)
		write_cr4(cr4);
}

static void msr_leave(struct scope *scope)
{
	struct msr_scope *s = (struct msr_scope *)scope;

	wrmsr(s->msr, s->old);
}

void msr_enter(struct msr_scope *s, u32 msr, u64 value)
{
	s->msr = msr;
	s->old = rdmsr(msr);
	scope_enter(&s->scope, msr_leave);
	wrmsr(msr, value);
}

static void pte_leave(struct scope *scope)
{
	struct pte_scope *s = (struct pte_scope *)scope;

	pte_write(s->entry, s->old);
	tlb_flush_page(s->page);
}

void pte_enter(struct pte_scope *s, const void *page, unsigned int level,
	       u64 set, u64 clear)
{
	struct space space = space_current();

	s->page = page;
	s->entry = space_entry(&space, page, level);
	s->old = pte_read(s->entry);
	scope_enter(&s->scope, pte_leave);
	pte_write(s->entry, (s->old | set) & ~clear);
	tlb_flush_page(page);
}

static void ldt_leave(struct scope *scope)
{
	(void)scope;
	asm volatile("lldt %w0" : : "r"(0));
}

void ldt_enter(struct ldt_scope *s, const void *base)
{
	scope_enter(&s->scope, ldt_leave);
	cpu_ldt_descriptor(SEL_FREE, base);
	asm volatile("lldt %w0" : : "r"(SEL_FREE));
}

static void irq_leave(struct scope *scope)
{
	struct irq_scope *s = (struct irq_scope *)scope;

	irq_disable();
	irq_set(s->vector, (struct irq){ s->old, s->old_arg, false });
}

void irq_enter(struct irq_scope *s, unsigned int vector, void (*fn)(void *arg),
	       void *arg)
{
	struct irq old;

	apic_enable();
	old = irq_set(vector, (struct irq){ fn, arg, false });
	s->vector = vector;
	s->old = old.fn;
	s->old_arg = old.arg;
	scope_enter(&s->scope, irq_leave);
}

static void handler_leave(struct scope *scope)
{
	exception_handle(((struct handler_scope *)scope)->vector, NULL);
}

void handler_enter(struct handler_scope *s, unsigned int vector,
		   bool (*handler)(struct frame *frame))
{
	s->vector = vector;
	scope_enter(&s->scope, handler_leave);
	exception_handle(vector, handler);
}

static void mode_set(void *arg)
{
	apic_mode_set(*(enum apic_mode *)arg);
}

static void apic_leave(struct scope *scope)
{
	struct apic_scope *s = (struct apic_scope *)scope;

	on_cpus(mode_set, &s->old);
}

void apic_enter(struct apic_scope *s, enum apic_mode mode)
{
	/* Otherwise no other CPU can be reached. */
	if (!check_explained(CHECK_HERE("the local APIC is enabled"),
			     apic_mode() != APIC_DISABLED, "IA32_APIC_BASE is %#llx",
			     (unsigned long long)rdmsr(MSR_APIC_BASE)))
		test_leave();
	smp_start();
	s->old = apic_mode();
	scope_enter(&s->scope, apic_leave);
	on_cpus(mode_set, &mode);
}

#define WATCH_VECTOR	0xfb
#define WATCH_COUNT	20000000u	/* of the APIC's clock: some 20 ms */

static void watch_tick(void *arg)
{
	struct watch_scope *s = arg;

	if (++s->ticks < WATCHDOG_TICKS)
		return;
	apic_eoi();		/* the dispatcher's never comes */
	check_explained(CHECK_HERE("the instruction ends"), false,
			"it was restarted for %u ticks of the watchdog",
			s->ticks);
	test_leave();
}

static void watch_leave(struct scope *scope)
{
	irq_disable();
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_TMICT, 0);
	/* A tick may be pending still: nobody else expects it. */
	((struct watch_scope *)scope)->ticks = 0;
	irq_let_in();
	irq_leave(&((struct watch_scope *)scope)->irq.scope);
}

void watch_enter(struct watch_scope *s)
{
	s->ticks = 0;
	irq_enter(&s->irq, WATCH_VECTOR, watch_tick, s);
	/* One scope for both: ours is left, and leaves the interrupt's. */
	cpu_self()->scopes = s->irq.scope.outer;
	scope_enter(&s->scope, watch_leave);
	apic_write(APIC_TDCR, APIC_TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_PERIODIC | WATCH_VECTOR);
	apic_write(APIC_TMICT, WATCH_COUNT);
	irq_enable();
}

struct fault try_write_cr0(unsigned long value)
{
	return TRY("mov %0, %%cr0", "r"(value));
}

struct fault try_write_cr4(unsigned long value)
{
	return TRY("mov %0, %%cr4", "r"(value));
}

struct fault try_rdmsr(u32 msr, u64 *value)
{
	u32 low = 0, high = 0;
	struct fault fault = TRY_OUT("rdmsr", OUT("+a"(low), "+d"(high)),
				     "c"(msr));

	if (value)
		*value = fault.raised ? 0 : (u64)high << 32 | low;
	return fault;
}

struct fault try_wrmsr(u32 msr, u64 value)
{
	return TRY("wrmsr", "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}
