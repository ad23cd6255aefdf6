/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of both timers by name, and their interrupts. */
#include <boot.h>
#include <fdt.h>
#include <gic.h>
#include <timer.h>

/* Writes take effect at once, and reads are of now: isb() on the right side. */
#define TIMER_FUNCTIONS(t, counter)					\
	static u64 t##_count(void)					\
	{								\
		isb();							\
		return sysreg_read(counter);				\
	}								\
	static u64 t##_ctl(void)					\
	{								\
		isb();							\
		return sysreg_read(t##_ctl_el0);			\
	}								\
	static u64 t##_cval(void)					\
	{								\
		return sysreg_read(t##_cval_el0);			\
	}								\
	static u64 t##_tval(void)					\
	{								\
		isb();							\
		return sysreg_read(t##_tval_el0);			\
	}								\
	static void t##_set_ctl(u64 value)				\
	{								\
		sysreg_write(t##_ctl_el0, value);			\
		isb();							\
	}								\
	static void t##_set_cval(u64 value)				\
	{								\
		sysreg_write(t##_cval_el0, value);			\
		isb();							\
	}								\
	static void t##_set_tval(u64 value)				\
	{								\
		sysreg_write(t##_tval_el0, value);			\
		isb();							\
	}

TIMER_FUNCTIONS(cntv, cntvct_el0)
TIMER_FUNCTIONS(cntp, cntpct_el0)

#define TIMER(text, t)							\
	{ text, t##_count, t##_ctl, t##_cval, t##_tval, t##_set_ctl,	\
	  t##_set_cval, t##_set_tval }

const struct timer *timer_get(enum timer_kind kind)
{
	static const struct timer timers[] = {
		[TIMER_VIRTUAL] = TIMER("virtual", cntv),
		[TIMER_PHYSICAL] = TIMER("physical", cntp),
	};

	return &timers[kind];
}

unsigned int timer_intid(enum timer_kind kind)
{
	/* arm,arch_timer.yaml: secure, non-secure, virtual, hyp physical, hyp virtual */
	static const u8 at_el1[] = { [TIMER_VIRTUAL] = 2, [TIMER_PHYSICAL] = 1 };
	static const u8 at_el2[] = { [TIMER_VIRTUAL] = 4, [TIMER_PHYSICAL] = 3 };
	u32 place = current_el() == 2 ? at_el2[kind] : at_el1[kind];
	int node = fdt_compatible(boot_info.fdt, FDT_NONE, "arm,armv8-timer");
	u64 number;

	if (node == FDT_NONE)
		node = fdt_compatible(boot_info.fdt, FDT_NONE, "arm,armv7-timer");
	/* Each is three cells: a PPI, its number, its trigger. */
	if (!fdt_number(boot_info.fdt, node, "interrupts", 3 * place + 1, 1, &number))
		return 0;
	return GIC_PPI(number);
}
