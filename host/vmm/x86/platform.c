/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes a VM an x86 machine before it has CPUs. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/trace.h"
#include "vmm/x86/irq.h"
#include "vmm/x86/platform.h"

/* Lost ticks are discarded: re-injection changes what some tests measure. */
static void pit_create(void)
{
	struct kvm_pit_config config = { 0 };
	struct kvm_reinject_control control = { .pit_reinject = 0 };

	must(ioctl(machine.vm, KVM_CREATE_PIT2, &config), "KVM_CREATE_PIT2");
	must(ioctl(machine.vm, KVM_REINJECT_CONTROL, &control),
	     "KVM_REINJECT_CONTROL");
}

static void intel_prepare(void)
{
	uint64_t identity_map = 0xfffbc000;

	/* Real mode of CPUs without unrestricted guests: pages above any slot. */
	must(ioctl(machine.vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map),
	     "KVM_SET_IDENTITY_MAP_ADDR");
	must(ioctl(machine.vm, KVM_SET_TSS_ADDR, 0xfffbd000ul),
	     "KVM_SET_TSS_ADDR");
}

static void wide_apic_ids(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X2APIC_API,
		.args = { KVM_X2APIC_API_USE_32BIT_IDS |
			  KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK },
	};

	must(ioctl(machine.vm, KVM_ENABLE_CAP, &cap), "KVM_CAP_X2APIC_API");
}

static void irqchip_split(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_SPLIT_IRQCHIP, .args = { IRQ_LINES },
	};

	if (ioctl(machine.vm, KVM_ENABLE_CAP, &cap) < 0)
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "this KVM has no split irqchip");
	/* What waits for a slot is delivered when the SINT's interrupt ends. */
	if (device_asked(machine.config, "hyperv-testdev"))
		machine_end(NULL, VM_END_UNSUPPORTED, 0, "hyperv-testdev needs kernel-irqchip=on: "
			    "KVM tells interrupts' ends to an eventfd only there");
}

/* Power management is the guest's: what it waits by does not exit. */
static void exits_disable(void)
{
	int can = ioctl(machine.vm, KVM_CHECK_EXTENSION, KVM_CAP_X86_DISABLE_EXITS);
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_DISABLE_EXITS, .args = { can },
	};

	if (can > 0)
		must(ioctl(machine.vm, KVM_ENABLE_CAP, &cap),
		     "KVM_CAP_X86_DISABLE_EXITS");
}

/* Where KVM has no such switch, CPUID without counters has to do. */
static void pmu_disable(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_PMU_CAPABILITY, .args = { KVM_PMU_CAP_DISABLE },
	};

	if (ioctl(machine.vm, KVM_CHECK_EXTENSION, KVM_CAP_PMU_CAPABILITY) &
	    KVM_PMU_CAP_DISABLE)
		must(ioctl(machine.vm, KVM_ENABLE_CAP, &cap), "KVM_CAP_PMU_CAPABILITY");
}

/* Events that KVM tells of only if one asks: state would lack them. */
static void events_whole(void)
{
	static const unsigned int caps[] = {
		KVM_CAP_EXCEPTION_PAYLOAD, KVM_CAP_X86_TRIPLE_FAULT_EVENT,
	};

	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
		struct kvm_enable_cap cap = { .cap = caps[i], .args = { 1 } };

		/* Kernels before 6.0 lack the second: there a migration loses it. */
		ioctl(machine.vm, KVM_ENABLE_CAP, &cap);
	}
}

#define FOUR_GIB	(1ull << 32)

uint64_t ram_below_4g(void)
{
	uint64_t size = machine.config->memory;

	return size < RAM_BELOW_4G ? size : RAM_BELOW_4G;
}

uint64_t ram_above_4g(void)
{
	return machine.config->memory - ram_below_4g();
}

const char *vm_directory(void)
{
	return "x86";
}

/* At their own addresses in the mapping, but for what is above 4 GiB. */
unsigned int arch_ram(struct ram_range *ranges)
{
	ranges[0] = (struct ram_range){ 0, RAM_LOW_END, 0 };
	ranges[1] = (struct ram_range){ RAM_ROM, ram_below_4g() - RAM_ROM, RAM_ROM };
	ranges[2] = (struct ram_range){ FOUR_GIB, ram_above_4g(), ram_below_4g() };
	return ram_above_4g() ? 3 : 2;
}

void arch_vm_open(void)
{
	const struct vm_config *config = machine.config;

	static int intel = -1;

	/* Asked once: a VM that comes later has no files to look at. */
	if (intel < 0)
		intel = !access("/sys/module/kvm_intel", F_OK);
	if (intel)
		intel_prepare();
	switch (config->platform.irqchip) {
	case VM_IRQCHIP_KERNEL:
		must(ioctl(machine.vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
		if (config->pit)
			pit_create();
		break;
	case VM_IRQCHIP_SPLIT:
		irqchip_split();
		break;
	case VM_IRQCHIP_OFF:
		if (config->cpus > 1)
			machine_end(NULL, VM_END_UNSUPPORTED, 0,
				    "%u CPUs need local APICs", config->cpus);
		break;
	}
	if (config->cpus > 254)
		wide_apic_ids();
	if (!cpu_has_pmu())
		pmu_disable();
	if (config->platform.cpu_pm)
		exits_disable();
	events_whole();
	break_vm();
	arch_trace_vm();
}
