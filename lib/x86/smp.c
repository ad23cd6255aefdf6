/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting CPUs by INIT and STARTUP (SDM 3A, "Multiple-Processor (MP)
 * Initialization"), and waking them: an idle CPU halts until an IPI.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <defs/page.h>
#include <exception.h>
#include <record.h>
#include <smp.h>

#define AP_PAGE		0x8000u		/* free RAM on every machine */
#define WAKE_VECTOR	0xfc
#define XAPIC_MAX	255

extern const char ap_begin[], ap_end[];
u32 ap_root, ap_next, ap_blocks;
void ap_main(void) __attribute__((noreturn));

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
	cpu->apic_id = apic_id();
	cpu_online();
}

void cpus_start(struct cpu *blocks, unsigned int count)
{
	bool x2 = count + 1 > XAPIC_MAX && cpu_has(CPU_X2APIC);

	if (x2)
		apic_enable_x2();
	x2 = apic_is_x2();
	apic_enable();
	cpu_self()->apic_id = apic_id();
	irq_set(WAKE_VECTOR, (struct irq){ woken, NULL, false });
	ap_root = read_cr3();
	ap_blocks = (uintptr_t)blocks;
	for (unsigned int i = 0; i < count; i++)
		((struct cpu *)(uintptr_t)(ap_blocks + i * CPU_BLOCK_SIZE))->x2 = x2;
	memcpy((void *)AP_PAGE, ap_begin, ap_end - ap_begin);
	apic_ipi(APIC_DM_INIT | APIC_INT_ASSERT | APIC_DEST_OTHERS, 0);
	apic_ipi(APIC_DM_STARTUP | APIC_INT_ASSERT | APIC_DEST_OTHERS |
		 AP_PAGE >> PAGE_SHIFT, 0);
}

void cpu_init(unsigned int index)
{
	apic_ipi(APIC_DM_INIT | APIC_INT_ASSERT, cpu_get(index)->apic_id);
}

void cpu_startup(unsigned int index, u32 page)
{
	apic_ipi(APIC_DM_STARTUP | APIC_INT_ASSERT | page >> PAGE_SHIFT,
		 cpu_get(index)->apic_id);
}

void cpu_restart(unsigned int index)
{
	struct cpu *cpu = cpu_get(index);

	cpu_init(index);
	cpu->work = NULL;
	cpu->escape = NULL;
	cpu->scopes = NULL;
	ap_next = index - 1;	/* the number that it draws */
	ap_root = read_cr3();
	cpu_startup(index, AP_PAGE);
}

void cpu_sleep(void)
{
	/* STI's shadow: no wake-up is lost before HLT. */
	asm volatile("sti; hlt" : : : "memory");
}

void cpu_wake(struct cpu *cpu)
{
	apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | WAKE_VECTOR, cpu->apic_id);
}
