/* SPDX-License-Identifier: BSD-2-Clause */
/* VMSAv8-64's registers (DDI 0487, D17.2). */
#include <asm/page.h>
#include <boot.h>
#include <defs/el2.h>
#include <mmu.h>
#include <paging.h>

#define TCR_T0SZ(bits)	(64 - (bits))
#define TCR_WALKS	(1 << 8 | 1 << 10 | 3 << 12)	/* cached, inner shareable */
#define TCR_EPD1	(1 << 23)
#define TCR_IPS_SHIFT	32
#define VA_BITS		48

/* TG0 and TG1; where ID_AA64MMFR0_EL1 says that the granule is there, and what not. */
#if PAGE_SHIFT == 12
#define TCR_TG		(0ull << 14 | 2ull << 30)
#define GRANULE_SHIFT	28
#define GRANULE_ABSENT	0xf
#elif PAGE_SHIFT == 14
#define TCR_TG		(2ull << 14 | 1ull << 30)
#define GRANULE_SHIFT	20
#define GRANULE_ABSENT	0
#else
#define TCR_TG		(1ull << 14 | 3ull << 30)
#define GRANULE_SHIFT	24
#define GRANULE_ABSENT	0xf
#endif

void translation_on(const struct cpu *registers);
void translation_off(u64 sctlr);

void mmu_registers(struct cpu *cpu)
{
	u64 mmfr0 = sysreg_read(id_aa64mmfr0_el1), size = mmfr0 & 0xf;

	/* 52 bits need another descriptor: 48 will do. */
	if (size > 5)
		size = 5;
	cpu->sctlr = SCTLR_ON;
	cpu->mair = (u64)MAIR_HIGH << 32 | MAIR_LOW;
	cpu->tcr = TCR_T0SZ(VA_BITS) | TCR_WALKS | TCR_EPD1 | TCR_TG |
		size << TCR_IPS_SHIFT;
	cpu->ttbr = paging_root();
}

static bool granule_there(void)
{
	return (sysreg_read(id_aa64mmfr0_el1) >> GRANULE_SHIFT & 0xf) != GRANULE_ABSENT;
}

void cache_line_clean(uintptr_t at)
{
	asm volatile("dc civac, %0" : : "r"(at) : "memory");
}

void cache_line_unify(uintptr_t at)
{
	asm volatile("dc cvau, %0" : : "r"(at) : "memory");
}

void icache_forget(void)
{
	asm volatile("dsb ish; ic ialluis; dsb ish; isb" : : : "memory");
}

void mmu_enable(void)
{
	/* What was written around the cache must not be hidden by it. */
	dcache_clean(image_start, image_end - image_start);
	mmu_registers(cpu_self());
	if (!granule_there())
		panic("this CPU has no pages of %lu KiB, and the image is made for them",
		      PAGE_SIZE >> 10);
	translation_on(cpu_self());
}

void mmu_disable(void)
{
	dcache_clean(image_start, image_end - image_start);
	translation_off(SCTLR_OFF);
}
