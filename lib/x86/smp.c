/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting CPUs and giving them work.  An idle CPU halts; work is posted in its
 * block and announced by an IPI.
 */
#include <abi/host.h>
#include <apic.h>
#include <asm/cpu.h>
#include <asm/device.h>
#include <asm/setjmp.h>
#include <boot.h>
#include <exception.h>
#include <defs/page.h>
#include <memory.h>
#include <smp.h>
#include <test.h>

#define AP_PAGE		0x8000u		/* free RAM on every machine */
#define WAKE_VECTOR	0xfc
#define XAPIC_MAX	255
/* Some 20 s: a machine that takes longer has lost a CPU. */
#define START_CYCLES	(1ull << 36)

extern const char ap_begin[], ap_end[];
u32 ap_root, ap_next, ap_blocks;
void ap_main(void) __attribute__((noreturn));

static bool started;
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

static struct cpu *cpu_get(unsigned int index)
{
	extern u8 cpu0[];

	if (index >= cpu_count())
		panic("CPU %u was asked for, the machine has %u", index,
		      cpu_count());
	return index ? (struct cpu *)(uintptr_t)(ap_blocks + (index - 1) *
						 CPU_BLOCK_SIZE) :
		(struct cpu *)cpu0;
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

static void woken(void *arg)
{
	(void)arg;	/* it ended HLT: that is all */
}

void ap_main(void)
{
	struct cpu *cpu = cpu_self();

	cpu_prepare(cpu);
	cpu_load(cpu);
	/* Ids beyond 8 bits exist in x2APIC mode only: all or none. */
	if (cpu->x2)
		apic_enable_x2();
	apic_enable();
	cpu->index = ((uintptr_t)cpu - ap_blocks) / CPU_BLOCK_SIZE + 1;
	cpu->apic_id = apic_id();
	atomic_add(&online, 1);
	for (;;) {
		irq_disable();
		if (__atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE))
			work_run(cpu);
		else	/* STI's shadow: no wake-up is lost before HLT */
			asm volatile("sti; hlt" : : : "memory");
	}
}

static void smp_wait_online(unsigned int count)
{
	u64 begin = rdtsc();

	while (__atomic_load_n(&online, __ATOMIC_ACQUIRE) + 1 < count) {
		if (rdtsc() - begin > START_CYCLES)
			panic("%u of %u CPUs came up", online + 1, count);
		cpu_relax();
	}
}

void smp_start(void)
{
	unsigned int count = cpu_count();
	bool x2 = count > XAPIC_MAX && cpu_has(CPU_X2APIC);

	if (started || count == 1)
		return;
	started = true;
	if (x2)
		apic_enable_x2();
	x2 = apic_is_x2();
	apic_enable();
	cpu_self()->apic_id = apic_id();
	irq_set(WAKE_VECTOR, (struct irq){ woken, NULL, false });
	ap_root = read_cr3();
	ap_blocks = (uintptr_t)pages_alloc_permanent(
		(count - 1) * (CPU_BLOCK_SIZE / PAGE_SIZE), CPU_BLOCK_SIZE);
	for (unsigned int i = 1; i < count; i++) {
		memset(cpu_get(i), 0, sizeof(struct cpu));
		cpu_get(i)->x2 = x2;
	}
	memcpy((void *)AP_PAGE, ap_begin, ap_end - ap_begin);
	apic_ipi(APIC_DM_INIT | APIC_INT_ASSERT | APIC_DEST_OTHERS, 0);
	apic_ipi(APIC_DM_STARTUP | APIC_INT_ASSERT | APIC_DEST_OTHERS |
		 AP_PAGE >> PAGE_SHIFT, 0);
	smp_wait_online(count);
}

void on_cpu_begin(unsigned int index, void (*fn)(void *arg), void *arg)
{
	struct cpu *cpu;

	smp_start();
	cpu = cpu_get(index);
	if (cpu == cpu_self() || cpu->work)
		panic("on_cpu_begin(): CPU %u is busy", index);
	cpu->work_failed = false;
	cpu->work_arg = arg;
	__atomic_store_n(&cpu->work, fn, __ATOMIC_RELEASE);
	apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | WAKE_VECTOR, cpu->apic_id);
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
