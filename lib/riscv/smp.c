/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting harts by HSM, and waking them by interprocessor interrupts. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <boot.h>
#include <boot_tree.h>
#include <device.h>
#include <fdt.h>
#include <harts.h>
#include <paging.h>
#include <sbi.h>
#include <smp.h>

void start_other(void);
void start_other_cpu(void) __attribute__((noreturn));

static bool others_run;

/* For start.S, should a hart come to where the image begins. */
struct {
	struct cpu *first;
	unsigned long count;
} start_blocks;

/* Those that HSM does not know are not there. */
static bool hart_listed(unsigned int index, unsigned long *hart)
{
	u64 id, size;

	if (!fdt_reg(boot_info.fdt, boot_tree_cpu(index), 0, &id, &size))
		return false;
	*hart = id;
	return true;
}

static bool hart_exists(unsigned long hart)
{
	return hart == cpu_get(0)->hart || sbi_hart_status(hart) >= 0;
}

unsigned int machine_cpu_count(void)
{
	unsigned int count = 0;
	unsigned long hart, own = cpu_self()->hart;

	if (!sbi_has(SBI_HSM))
		return 1;
	for (unsigned int i = 0; hart_listed(i, &hart); i++)
		count += hart == own || sbi_hart_status(hart) >= 0;
	return count;
}

unsigned long hart_of(unsigned int cpu)
{
	unsigned long own = cpu_get(0)->hart, hart;

	if (!cpu)
		return own;
	for (unsigned int i = 0; hart_listed(i, &hart); i++)
		if (hart != own && hart_exists(hart) && !--cpu)
			return hart;
	panic("the device tree has no such CPU");
}

unsigned long hart_absent(void)
{
	unsigned long most = cpu_get(0)->hart, hart;

	for (unsigned int i = 0; hart_listed(i, &hart); i++)
		if (hart > most)
			most = hart;
	return most + 1;
}

void start_other_cpu(void)
{
	struct cpu *cpu = cpu_self();

	cpu_prepare(cpu);
	cpu_load(cpu);
	cpu_online();
}

static long start(struct cpu *cpu)
{
	cpu->satp = paging_satp();
	cpu->asleep = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return sbi_hart_start(cpu->hart, start_other, (uintptr_t)cpu);
}

void cpus_start(struct cpu *blocks, unsigned int count)
{
	start_blocks.first = blocks;
	start_blocks.count = count;
	for (unsigned int i = 0; i < count; i++) {
		struct cpu *cpu = (struct cpu *)((char *)blocks +
						 (size_t)i * CPU_BLOCK_SIZE);
		long error;

		paging_block(cpu);
		cpu->hart = hart_of(i + 1);
		error = start(cpu);
		if (error)
			panic("HSM hart_start of hart %lu returns %ld", cpu->hart, error);
	}
	others_run = true;
}

long hart_stop(void)
{
	struct cpu *cpu = cpu_self();

	cpu->escape = NULL;
	__atomic_store_n(&cpu->work, NULL, __ATOMIC_RELEASE);
	return sbi_call(SBI_HSM, SBI_HSM_STOP).error;
}

long hart_start_again(unsigned int cpu)
{
	return start(cpu_get(cpu));
}

void harts_flush_page(const void *address)
{
	if (others_run && sbi_has(SBI_RFENCE))
		sbi_call(SBI_RFENCE, SBI_RFENCE_SFENCE, 0, -1ul, (uintptr_t)address,
			 PAGE_SIZE);
}

/*
 * Who is told that a hart sleeps, wakes it, and only then: no interrupt is left over for
 * the function that it runs.
 */
void cpu_sleep(void)
{
	struct cpu *cpu = cpu_self();
	unsigned long enabled = csr_swap(CSR_SIE, IRQ_BIT(IRQ_SOFTWARE));

	__atomic_store_n(&cpu->asleep, 1, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&cpu->work, __ATOMIC_SEQ_CST) ||
	    !__atomic_exchange_n(&cpu->asleep, 0, __ATOMIC_SEQ_CST)) {
		while (!(csr_read(CSR_SIP) & IRQ_BIT(IRQ_SOFTWARE)))
			asm volatile("wfi" : : : "memory");
		csr_clear(CSR_SIP, IRQ_BIT(IRQ_SOFTWARE));
		__atomic_store_n(&cpu->asleep, 0, __ATOMIC_SEQ_CST);
	}
	csr_write(CSR_SIE, enabled);
}

void cpu_wake(struct cpu *cpu)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_exchange_n(&cpu->asleep, 0, __ATOMIC_SEQ_CST))
		sbi_ipi(cpu->hart);
}
