/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting CPUs and giving them work, which is posted in their blocks; and what
 * CPUs meet and wait at.
 */
#include <abi/host.h>
#include <asm/cpu.h>
#include <asm/page.h>
#include <asm/setjmp.h>
#include <boot.h>
#include <device.h>
#include <memory.h>
#include <smp.h>
#include <test.h>
#include <clock.h>
#include <work.h>

extern u8 cpu0[];

static struct cpu *others;	/* CPU 1's block and the rest */
static u32 online;

unsigned int cpu_count(void)
{
	static unsigned int count;
	u64 value;

	if (count)
		return count;
	if (environment_number("NR_CPUS", &value))
		count = value;
	else
		count = boot_info.host ? boot_info.host->cpus :
			machine_cpu_count();
	if (!count)
		count = 1;
	return count;
}

struct cpu *cpu_get(unsigned int index)
{
	if (index >= cpu_count())
		panic("CPU %u was asked for, the machine has %u", index,
		      cpu_count());
	return index ? (struct cpu *)((char *)others + (size_t)(index - 1) *
				      CPU_BLOCK_SIZE) : (struct cpu *)cpu0;
}

unsigned int cpu_index(void)
{
	return cpu_self()->index;
}

static void work_run(struct cpu *cpu)
{
	struct jump escape;

	cpu->escape = &escape;
	if (!jump_set(&escape))
		cpu->work(cpu->work_arg);
	else
		cpu->work_failed = true;
	cpu->escape = NULL;
	irq_disable();
	__atomic_store_n(&cpu->work, NULL, __ATOMIC_RELEASE);
}

void cpu_online(void)
{
	struct cpu *cpu = cpu_self();

	atomic_add(&online, 1);
	for (;;) {
		irq_disable();
		if (__atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE))
			work_run(cpu);
		else
			cpu_sleep();
	}
}

static void wait_online(unsigned int count)
{
	u64 begin = clock_ticks();

	while (__atomic_load_n(&online, __ATOMIC_ACQUIRE) + 1 < count) {
		if (clock_ticks() - begin > START_TICKS)
			panic("%u of %u CPUs came up", online + 1, count);
		cpu_relax();
	}
}

void smp_start(void)
{
	unsigned int count = cpu_count();
	size_t size = (size_t)(count - 1) * CPU_BLOCK_SIZE;

	if (others || count == 1)
		return;
	others = pages_alloc_permanent(ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE,
				       CPU_BLOCK_SIZE);
	for (unsigned int i = 1; i < count; i++) {
		memset(cpu_get(i), 0, sizeof(struct cpu));
		cpu_get(i)->index = i;
	}
	cpus_start(others, count - 1);
	wait_online(count);
}

void on_cpu_begin(unsigned int index, void (*fn)(void *arg), void *arg)
{
	struct cpu *cpu;

	smp_start();
	cpu = cpu_get(index);
	if (cpu == cpu_self() || cpu->work)
		panic("on_cpu_begin(): CPU %u is busy", index);
	cpu->work_failed = cpu->work_over = false;
	cpu->work_arg = arg;
	__atomic_store_n(&cpu->work, fn, __ATOMIC_RELEASE);
	cpu_wake(cpu);
}

static bool work_end(struct cpu *cpu)
{
	while (__atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE))
		cpu_relax();
	return !cpu->work_failed;
}

void on_cpu_end(unsigned int index)
{
	if (!work_end(cpu_get(index)))
		test_leave();
}

static void work_leave(struct scope *scope)
{
	struct cpu *cpu = cpu_get(((struct work_scope *)scope)->cpu);

	__atomic_store_n(&cpu->work_over, true, __ATOMIC_RELEASE);
	cpu_wake(cpu);		/* it may sleep */
	work_end(cpu);
}

void work_enter(struct work_scope *s, unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	s->cpu = cpu;
	on_cpu_begin(cpu, fn, arg);
	scope_enter(&s->scope, work_leave);
}

bool work_is_over(void)
{
	cpu_relax();
	return __atomic_load_n(&cpu_self()->work_over, __ATOMIC_ACQUIRE);
}

void on_cpu(unsigned int index, void (*fn)(void *arg), void *arg)
{
	if (index == cpu_index())
		return fn(arg);
	on_cpu_begin(index, fn, arg);
	on_cpu_end(index);
}

void on_cpus(void (*fn)(void *arg), void *arg)
{
	bool good = true;

	for (unsigned int i = 1; i < cpu_count(); i++)
		on_cpu_begin(i, fn, arg);
	fn(arg);
	for (unsigned int i = 1; i < cpu_count(); i++)
		good &= work_end(cpu_get(i));
	if (!good)
		test_leave();
}

void barrier_wait(struct barrier *barrier)
{
	u32 round = __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);

	if (atomic_add(&barrier->arrived, 1) + 1 == barrier->expected) {
		barrier->arrived = 0;
		__atomic_store_n(&barrier->round, round + 1, __ATOMIC_RELEASE);
		return;
	}
	while (__atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE) == round)
		cpu_relax();
}

void spin_lock(struct spinlock *lock)
{
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		cpu_relax();
}

void spin_unlock(struct spinlock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}
