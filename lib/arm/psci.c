/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls to the firmware, which is the hypervisor. */
#include <asm/smccc.h>
#include <asm/word.h>
#include <boot.h>
#include <fdt.h>
#include <psci.h>

static int psci_node(void)
{
	int node = fdt_compatible(boot_info.fdt, FDT_NONE, "arm,psci-1.0");

	return node != FDT_NONE ? node :
		fdt_compatible(boot_info.fdt, FDT_NONE, "arm,psci-0.2");
}

const char *psci_conduit(void)
{
	static const char *conduit;

	if (!conduit && boot_info.fdt)
		conduit = fdt_text(boot_info.fdt, psci_node(), "method");
	return conduit ?: "";
}

bool psci_present(void)
{
	return *psci_conduit();
}

long psci_call(u32 function, unsigned long a, unsigned long b, unsigned long c)
{
	if (!strcmp(psci_conduit(), "hvc"))
		return smccc_hvc(function, a, b, c);
	if (!strcmp(psci_conduit(), "smc"))
		return smccc_smc(function, a, b, c);
	return PSCI_NOT_SUPPORTED;
}

long psci_cpu_on(u64 affinity, void (*entry)(void), unsigned long context)
{
	return psci_call(IS_64BIT ? PSCI_CPU_ON_64 : PSCI_CPU_ON_32, affinity,
			 (uintptr_t)entry, context);
}

long psci_affinity_info(u64 affinity)
{
	return psci_call(IS_64BIT ? PSCI_AFFINITY_INFO_64 : PSCI_AFFINITY_INFO_32,
			 affinity, 0, 0);
}
