/* SPDX-License-Identifier: BSD-2-Clause */
/* Set-up of SynIC on all CPUs, and hypercalls by the page that the hypervisor fills. */
#include <apic.h>
#include <hyperv.h>
#include <memory.h>
#include <smp.h>

#define TESTDEV		0x3000
#define MAX_CPUS	64
#define GUEST_OS	(0x8100ull << 48)	/* open source, "no OS that you know" */

static struct {
	struct hv_cpu cpus[MAX_CPUS];
	void *hypercall;
} hyperv;

bool hyperv_has(unsigned int feature)
{
	if (!cpu_has(CPU_HYPERVISOR) ||
	    cpuid(HV_LEAF_INTERFACE, 0).reg[CPUID_EAX] != HV_INTERFACE)
		return false;
	return cpuid(HV_LEAF_FEATURES, 0).reg[feature / 32 ? CPUID_EDX : CPUID_EAX] >>
		feature % 32 & 1;
}

struct hv_cpu *hv_cpu(unsigned int cpu)
{
	return &hyperv.cpus[cpu];
}

static void synic_off(void *arg)
{
	(void)arg;
	irq_disable();
	for (unsigned int sint = 0; sint < HV_SINTS; sint++)
		wrmsr(MSR_HV_SINT(sint), HV_SINT_MASKED);
	wrmsr(MSR_HV_SCONTROL, 0);
	wrmsr(MSR_HV_SIMP, 0);
	wrmsr(MSR_HV_SIEFP, 0);
}

static void synic_on(void *arg)
{
	struct hv_cpu *cpu = hv_cpu(cpu_index());

	(void)arg;
	apic_enable();
	cpu->index = rdmsr(MSR_HV_VP_INDEX);
	wrmsr(MSR_HV_SIMP, (uintptr_t)cpu->messages | HV_ENABLE);
	wrmsr(MSR_HV_SIEFP, (uintptr_t)cpu->events | HV_ENABLE);
	wrmsr(MSR_HV_SCONTROL, HV_ENABLE);
}

static void synic_leave(struct scope *scope)
{
	(void)scope;
	on_cpus(synic_off, NULL);
	wrmsr(MSR_HV_HYPERCALL, 0);
	wrmsr(MSR_HV_GUEST_OS, 0);
}

void synic_enter(struct synic_scope *scope)
{
	if (cpu_count() > MAX_CPUS)
		panic("more than %u CPUs", MAX_CPUS);
	for (unsigned int i = 0; i < cpu_count(); i++) {
		hyperv.cpus[i].messages = pages_alloc_zeroed(1);
		hyperv.cpus[i].events = pages_alloc_zeroed(1);
	}
	hyperv.hypercall = pages_alloc(1);
	wrmsr(MSR_HV_GUEST_OS, GUEST_OS);
	wrmsr(MSR_HV_HYPERCALL, (uintptr_t)hyperv.hypercall | HV_ENABLE);
	on_cpus(synic_on, NULL);
	scope_enter(&scope->scope, synic_leave);
}

/* TLFS, "Hypercall Inputs": in 32-bit code each value is a pair of registers. */
u16 hv_call(u64 call, u64 parameter)
{
#if IS_64BIT
	u64 status = 0;

	asm volatile("xor %%r8, %%r8; call *%3"
		     : "=a"(status), "+c"(call), "+d"(parameter)
		     : "r"(hyperv.hypercall)
		     : "r8", "r9", "r10", "r11", "memory", "cc");
	return status;
#else
	u32 low = call, high = call >> 32;
	u32 b = parameter >> 32, c = parameter, d = 0, s = 0;

	asm volatile("call *%6"
		     : "+a"(low), "+d"(high), "+b"(b), "+c"(c), "+D"(d), "+S"(s)
		     : "m"(hyperv.hypercall) : "memory", "cc");
	return low;
#endif
}

void hv_testdev(enum hv_operation operation, unsigned int cpu, unsigned int sint,
		u8 connection)
{
	out32(TESTDEV, (u32)connection << 24 | operation << 16 |
	      hv_cpu(cpu)->index << 8 | sint);
}
