/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts that are waited for and counted. */
#include <asm/cpu.h>
#include <clock.h>
#include <irq.h>
#include <smp.h>

#define POST_PORT	0x80
#define WAIT_US		1500000		/* what an absence costs */
#define VAIN_US		15000000	/* what absences cost before they are the rule */
#define WAIT_LESS_US	50000		/* and then */
#define AWAY_US		1000		/* of a longer time this CPU was away itself */
#define EXITS		8

void irq_exit(void)
{
	in8(POST_PORT);
}

static void exits(void)
{
	for (unsigned int i = 0; i < EXITS; i++)
		irq_exit();
}

void irq_let_in(void)
{
	irq_enable();
	exits();
	irq_disable();
}

static bool reached(const volatile u32 *count, u32 want)
{
	return __atomic_load_n(count, __ATOMIC_ACQUIRE) >= want;
}

/* Spent on what did not come, in this boot, in 2^20 ticks. */
static u32 vain;

static u64 wait_limit(void)
{
	u64 spent = (u64)__atomic_load_n(&vain, __ATOMIC_RELAXED) << 20;

	return clock_us_to_ticks(spent < clock_us_to_ticks(VAIN_US) ? WAIT_US :
				 WAIT_LESS_US);
}

bool irq_wait(const volatile u32 *count, u32 want)
{
	u64 begin = rdtsc(), last = begin, now, waited = 0, limit = wait_limit();
	u64 away = clock_us_to_ticks(AWAY_US);

	irq_enable();
	while (!reached(count, want) && waited < limit) {
		cpu_relax();
		irq_exit();
		now = rdtsc();
		waited += now - last < away ? now - last : away;
		last = now;
	}
	exits();
	irq_disable();
	if (reached(count, want))
		return true;
	atomic_add(&vain, (u32)((last - begin) >> 20));
	return false;
}

bool check_taken(const struct check *check, const volatile u32 *count, u32 want)
{
	bool came = irq_wait(count, want);
	u32 taken = __atomic_load_n(count, __ATOMIC_ACQUIRE);

	return check_explained(check, taken == want, came ? "expected %u, got %u" :
			       "expected %u, but only %u came", want, taken);
}

void irq_count(void *arg)
{
	atomic_add(arg, 1);
}

void irq_arrive(void *arg)
{
	atomic_add(&((struct arrivals *)arg)->at[cpu_index() % IRQ_CPUS], 1);
}

u64 irq_all_cpus(void)
{
	unsigned int count = cpu_count();

	return count >= IRQ_CPUS ? ~0ull : BIT(count) - 1;
}

static void let_in(void *arg)
{
	(void)arg;
	irq_let_in();
}

static unsigned int cpus_counted(void)
{
	return cpu_count() < IRQ_CPUS ? cpu_count() : IRQ_CPUS;
}

static bool sums_equal(const struct arrivals *arrivals, const struct arrivals *sum)
{
	for (unsigned int i = 0; i < cpus_counted(); i++)
		if (__atomic_load_n(&arrivals->at[i], __ATOMIC_ACQUIRE) != sum->at[i])
			return false;
	return true;
}

bool arrivals_follow(const struct arrivals *arrivals, struct arrivals *sum, u64 cpus)
{
	for (unsigned int i = 0; i < cpus_counted(); i++)
		sum->at[i] += cpus >> i & 1;
	irq_let_in();
	for (unsigned int i = 0; i < cpus_counted(); i++)
		if (cpus >> i & 1 && !irq_wait(&arrivals->at[i], sum->at[i]))
			return false;
	return sums_equal(arrivals, sum);
}

bool check_sum(const struct check *check, const struct arrivals *arrivals,
	       const struct arrivals *sum)
{
	on_cpus(let_in, NULL);
	return check_condition(check, sums_equal(arrivals, sum));
}

bool check_arrivals(const struct check *check, struct arrivals *arrivals, u64 cpus)
{
	unsigned int count = cpus_counted();
	u64 once = 0, more = 0;
	bool held;

	/* One absence is enough to wait for. */
	for (unsigned int i = 0; i < count; i++)
		if (cpus >> i & 1 && !irq_wait(&arrivals->at[i], 1))
			break;
	on_cpus(let_in, NULL);
	for (unsigned int i = 0; i < count; i++) {
		once |= (u64)(arrivals->at[i] == 1) << i;
		more |= (u64)(arrivals->at[i] > 1) << i;
	}
	held = once == cpus && !more;
	check_explained(check, held, "expected at CPUs %#llx; got once at %#llx, "
			"more often at %#llx", (unsigned long long)cpus,
			(unsigned long long)once, (unsigned long long)more);
	*arrivals = (struct arrivals){ 0 };
	return held;
}
