/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting CPUs by SIGP, each in a prefix area of its own, and waking them. */
#include <device.h>
#include <exception.h>
#include <sclp.h>
#include <sigp.h>
#include <smp.h>

extern char start_other[];
void start_other_cpu(void) __attribute__((noreturn));

unsigned int machine_cpu_count(void)
{
	return sclp_cpu_count();
}

void start_other_cpu(void)
{
	struct cpu *cpu = cpu_self();

	cpu_prepare(cpu);
	cpu_load(cpu);
	cpu_online();
}

int cpu_begin(struct cpu *cpu)
{
	struct lowcore *own = cpu_lowcore(cpu);
	int cc;

	memset(own, 0, sizeof(*own));
	vectors_install(own, PSW_DAT);
	own->restart_new = (struct psw){ PSW_64, (uintptr_t)start_other };
	own->block = cpu;
	own->cr0 = ctl_read(0) & ~CR0_SUBCLASSES;
	own->cr1 = ctl_read(1);
	cpu->escape = NULL;
	cpu->asleep = 0;
	__atomic_store_n(&cpu->work, NULL, __ATOMIC_RELEASE);
	cc = sigp(cpu->address, SIGP_INITIAL_RESET, 0, NULL);
	if (!cc)
		cc = sigp(cpu->address, SIGP_SET_PREFIX, (uintptr_t)own, NULL);
	if (!cc)
		cc = sigp(cpu->address, SIGP_RESTART, 0, NULL);
	return cc;
}

void cpus_start(struct cpu *blocks, unsigned int count)
{
	u16 self = cpu_address();
	unsigned int started = 0;

	for (unsigned int i = 0; started < count && i < sclp_cpu_count(); i++) {
		struct cpu *cpu = (struct cpu *)((char *)blocks +
						 (size_t)started * CPU_BLOCK_SIZE);
		int cc;

		if (sclp_cpu_address(i) == self)
			continue;
		cpu->address = sclp_cpu_address(i);
		cc = cpu_begin(cpu);
		if (cc)
			panic("SIGP to CPU %u (address %u): condition code %d",
			      started + 1, cpu->address, cc);
		started++;
	}
}

/* Each signal is taken exactly here, so that none is left for tests to find. */
void cpu_sleep(void)
{
	struct cpu *cpu = cpu_self();
	u64 cr0 = ctl_read(0);
	u32 one = 1;

	__atomic_store_n(&cpu->asleep, 1, __ATOMIC_SEQ_CST);
	/* If it is 2, a signal is under way. */
	if (__atomic_load_n(&cpu->work, __ATOMIC_SEQ_CST) &&
	    __atomic_compare_exchange_n(&cpu->asleep, &one, 0, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return;
	ctl_write(0, (cr0 & ~CR0_SUBCLASSES) | CR0_EMERGENCY);
	cpu_wait(PSW_EXT);
	ctl_write(0, cr0);
	cpu->asleep = 0;
}

void cpu_wake(struct cpu *cpu)
{
	u32 one = 1;

	if (__atomic_compare_exchange_n(&cpu->asleep, &one, 2, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		sigp(cpu->address, SIGP_EMERGENCY, 0, NULL);
}
