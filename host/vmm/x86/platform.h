/* SPDX-License-Identifier: BSD-2-Clause */
/* What x86's machines share among their own files. */
#ifndef HOST_VMM_X86_PLATFORM_H
#define HOST_VMM_X86_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#define BOOT_INFO	0xe0000ull	/* up to the ACPI tables */
#define BOOT_INFO_END	0xf0000ull
#define BOOT_HANDLERS	0xfe000ull	/* real mode's, behind the tables */
#define BOOT_AREA_END	0xff000ull	/* a linker may put ELF headers there, before 1 MiB */

/**
 * legacy_prepare() - what firmware leaves for real mode; from boot_prepare()
 */
void legacy_prepare(void);

/**
 * ram_below_4g(), ram_above_4g() - bytes of RAM on either side
 */
uint64_t ram_below_4g(void);
uint64_t ram_above_4g(void);

/**
 * cpu_model_has() - does the machine's model have a feature (CPU_…, defs/cpuid.h)?
 */
bool cpu_model_has(uint32_t feature);

/**
 * cpu_has_pmu() - does the machine's model have performance counters?
 */
bool cpu_has_pmu(void);

/**
 * cpu_has_synic() - has it Hyper-V's interrupt controller?
 */
bool cpu_has_synic(void);

/**
 * cpu_physical_bits() - MAXPHYADDR of the machine's model
 */
unsigned int cpu_physical_bits(void);

#endif
