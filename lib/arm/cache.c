/* SPDX-License-Identifier: BSD-2-Clause */
/* Caches by lines (DDI 0487, D7.5). */
#include <mmu.h>

static uintptr_t line_size(void)
{
	return 4ul << (sysreg_read(ctr_el0) >> 16 & 0xf);	/* DminLine */
}

static void each_line(const void *start, size_t size, void (*maintain)(uintptr_t at))
{
	uintptr_t line = line_size(), end = (uintptr_t)start + size;

	for (uintptr_t at = ALIGN_DOWN((uintptr_t)start, line); at < end; at += line)
		maintain(at);
	dsb();
}

void dcache_clean(const void *start, size_t size)
{
	each_line(start, size, cache_line_clean);
}

void code_changed(const void *start, size_t size)
{
	each_line(start, size, cache_line_unify);
	icache_forget();
}
