/* SPDX-License-Identifier: BSD-2-Clause */
/* The Large Physical Address Extension's registers (DDI 0406, B3.6, B4.1). */
#include <asm/page.h>
#include <boot.h>
#include <defs/sctlr.h>
#include <mmu.h>
#include <paging.h>

#define TTBCR_EAE	(1u << 31)
#define TTBCR_EPD1	(1u << 23)
#define TTBCR_WALKS	(1u << 8 | 1u << 10 | 3u << 12)	/* cached, inner shareable */

void translation_on(const struct cpu *registers);
void translation_off(u32 sctlr);

void mmu_registers(struct cpu *cpu)
{
	cpu->sctlr = SCTLR_ON_32;
	cpu->mair = (u64)MAIR_HIGH << 32 | MAIR_LOW;
	cpu->tcr = TTBCR_EAE | TTBCR_EPD1 | TTBCR_WALKS;
	cpu->ttbr = paging_root();
}

void cache_line_clean(uintptr_t at)
{
	asm volatile("mcr p15, 0, %0, c7, c14, 1" : : "r"(at) : "memory");
}

void cache_line_unify(uintptr_t at)
{
	asm volatile("mcr p15, 0, %0, c7, c11, 1" : : "r"(at) : "memory");
}

void icache_forget(void)
{
	/* ICIALLUIS, BPIALLIS */
	asm volatile("dsb ish; mcr p15, 0, %0, c7, c1, 0; mcr p15, 0, %0, c7, c1, 6;"
		     "dsb ish; isb" : : "r"(0) : "memory");
}

void mmu_enable(void)
{
	/* What was written around the cache must not be hidden by it. */
	dcache_clean(image_start, image_end - image_start);
	mmu_registers(cpu_self());
	translation_on(cpu_self());
}

void mmu_disable(void)
{
	dcache_clean(image_start, image_end - image_start);
	translation_off(SCTLR_OFF_32);
}
