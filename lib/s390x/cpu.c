/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU is given at its start, and what it announces. */
#include <asm/cpu.h>
#include <sclp.h>
#include <stsi.h>

/* The boot CPU's block; start.S enters with its main stack. */
u8 cpu0[CPU_BLOCK_SIZE] __attribute__((aligned(CPU_BLOCK_SIZE),
				       section(".bss.cpu0")));

static u64 facilities[32];
static unsigned int facility_count;

unsigned int facility_doublewords(void)
{
	register unsigned long last asm("0") = ARRAY_SIZE(facilities) - 1;

	if (facility_count)
		return facility_count;
	asm volatile("stfle %0" : "=QS"(facilities), "+d"(last) : : "cc", "memory");
	/* R0 tells how many there are, less one. */
	facility_count = (last & 0xff) + 1;
	return facility_count;
}

bool facility(unsigned int n)
{
	unsigned int count = facility_doublewords();

	return n / 64 < count && n / 64 < ARRAY_SIZE(facilities) &&
		facilities[n / 64] >> (63 - n % 64) & 1;
}

bool cpu_has(unsigned int feature)
{
	if (feature == CPU_NEVER)
		return false;
	if (feature & CPU_SCP(0, 0))
		return sclp_feature(feature >> 3 & 0x3ff, feature & 7);
	return facility(feature & 0xfff);
}

static bool is_qemu(void)
{
	static const u8 name[] = { 0xd8, 0xc5, 0xd4, 0xe4 };	/* EBCDIC "QEMU" */
	static u8 block[4096] __attribute__((aligned(4096)));

	return !stsi(block, 1, 1, 1) &&
		!memcmp(block + STSI_111_MANUFACTURER, name, sizeof(name));
}

static bool is_kvm(void)
{
	static const u8 name[] = { 0xd2, 0xe5, 0xd4, 0x61 };	/* EBCDIC "KVM/" */
	static u8 block[4096] __attribute__((aligned(4096)));

	return stsi_level() == 3 && !stsi(block, 3, 2, 2) &&
		!memcmp(block + STSI_322_FIRST + STSI_322_PROGRAM, name, sizeof(name));
}

bool hypervisor_is(const char *signature)
{
	/* TCG calls itself KVM, too, but no real machine is made by QEMU. */
	bool tcg = is_qemu();

	if (!strcmp(signature, HYPERVISOR_TCG))
		return tcg;
	return !strcmp(signature, HYPERVISOR_KVM) && !tcg && is_kvm();
}

void cpu_prepare(struct cpu *cpu)
{
	cpu->address = cpu_address();
}

void cpu_load(struct cpu *cpu)
{
	lowcore.block = cpu;
	ctl_write(0, ctl_read(0) | CR0_AFP);
}
