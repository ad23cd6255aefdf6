/* SPDX-License-Identifier: BSD-2-Clause */
/* The TSC's frequency, from whoever knows it. */
#include <abi/host.h>
#include <boot.h>
#include <clock.h>
#include <tsc.h>

#define PIT_HZ		1193182u
#define PIT_CHANNEL2	0x42
#define PIT_COMMAND	0x43
#define PIT_GATE	0x61
#define PIT_MS		10

/* Channel 2, mode 0: OUT (bit 5 of port 0x61) rises at the end of the count. */
static u32 measure_khz(void)
{
	u32 count = PIT_HZ * PIT_MS / 1000;
	u64 begin;

	out8(PIT_GATE, (in8(PIT_GATE) & ~2) | 1);
	out8(PIT_COMMAND, 0xb0);
	out8(PIT_CHANNEL2, count & 0xff);
	out8(PIT_CHANNEL2, count >> 8);
	begin = rdtsc();
	while (!(in8(PIT_GATE) & 0x20))
		cpu_relax();
	return (u32)(rdtsc() - begin) / PIT_MS;
}

u32 tsc_khz(void)
{
	static u32 khz;
	struct cpuid id;
	u32 leaf;

	if (khz)
		return khz;
	if (boot_info.host && boot_info.host->tsc_khz)
		return khz = boot_info.host->tsc_khz;
	/* An emulator that owns to be none copies a CPU's leaf, not its clock. */
	if (cpu_has(CPU_HYPERVISOR) && cpuid(0, 0).reg[CPUID_EAX] >= 0x15) {
		id = cpuid(0x15, 0);
		if (id.reg[CPUID_EAX] && id.reg[CPUID_EBX] && id.reg[CPUID_ECX])
			return khz = id.reg[CPUID_ECX] / 1000 *
				id.reg[CPUID_EBX] / id.reg[CPUID_EAX];
	}
	leaf = cpu_hypervisor_leaf(HYPERVISOR_KVM);
	if (leaf && cpuid(leaf, 0).reg[CPUID_EAX] >= leaf + 0x10) {
		khz = cpuid(leaf + 0x10, 0).reg[CPUID_EAX];
		if (khz)
			return khz;
	}
	return khz = measure_khz();
}

u32 clock_khz(void)
{
	return tsc_khz();
}
