/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts that are waited for and counted.
 *
 * Nothing here relies on an interrupt being taken at once: hypervisors may notice what
 * is pending at the next exit only, and another CPU may be away for a while.
 */
#ifndef IRQ_H
#define IRQ_H

#include <test.h>

/**
 * irq_exit() - have this CPU exit to the hypervisor once
 */
void irq_exit(void);

/**
 * irq_let_in() - interrupts on for some exits, so that what is pending is taken
 *
 * Leaves with interrupts off.
 */
void irq_let_in(void);

/**
 * irq_wait() - until *@count is @want or more, but not for ever; then irq_let_in()
 *
 * Returns whether it got there; what is too much shows in *@count.  Gives up after 1.5 s
 * in which this CPU ran; sooner where the image has spent 15 s in vain already, so that
 * a machine without interrupts ends in failed checks and not in a timeout.
 */
bool irq_wait(const volatile u32 *count, u32 want);

/**
 * EXPECT_TAKEN(count, want) - a check: *@count, which a handler counts up, gets to be
 *	@want, and not more
 */
#define EXPECT_TAKEN(count, want)					\
	check_taken(CHECK_HERE("taken: " #count " is " #want), count, want)
bool check_taken(const struct check *check, const volatile u32 *count, u32 want);

/**
 * irq_count() - handler for WITH_IRQ(): adds one to the u32 at @arg
 */
void irq_count(void *arg);

#define IRQ_CPUS	64

/* How often an interrupt came, by cpu_index(). */
struct arrivals {
	u32 at[IRQ_CPUS];
};

/**
 * irq_arrive() - handler for WITH_IRQ(): adds one to this CPU's of struct arrivals
 */
void irq_arrive(void *arg);

/**
 * EXPECT_ARRIVALS(arrivals, cpus) - a check: it came once at each CPU of the mask, and
 *	nowhere else
 *
 * Waits for what must come, lets in on all CPUs what must not, and begins anew with
 * no arrivals.
 */
#define EXPECT_ARRIVALS(arrivals, cpus)					\
	check_arrivals(CHECK_HERE("arrivals once each at " #cpus), arrivals, cpus)
bool check_arrivals(const struct check *check, struct arrivals *arrivals, u64 cpus);

/**
 * arrivals_follow() - for sweeps, the same without asking other CPUs each time
 * @sum: where the arrivals of all rows are added up
 *
 * Waits for what must come.  What came too much by now is seen, and what comes later is
 * seen at the next row; EXPECT_SUM(arrivals, sum) is for the end, as it asks all CPUs.
 * Returns whether all is well.
 */
bool arrivals_follow(const struct arrivals *arrivals, struct arrivals *sum, u64 cpus);
#define EXPECT_SUM(arrivals, sum)					\
	check_sum(CHECK_HERE("nothing came too much"), arrivals, sum)
bool check_sum(const struct check *check, const struct arrivals *arrivals,
	       const struct arrivals *sum);

/**
 * irq_all_cpus() - mask of all CPUs of the machine
 */
u64 irq_all_cpus(void);

#endif
