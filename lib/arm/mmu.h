/* SPDX-License-Identifier: BSD-2-Clause */
/* Translation on and off; each word size's own. */
#ifndef MMU_H
#define MMU_H

#include <asm/cpu.h>

/**
 * mmu_registers() - fill in what a CPU needs to use the tables
 */
void mmu_registers(struct cpu *cpu);

/**
 * mmu_enable() - translate from now on; the image's caches are made coherent
 * mmu_disable() - stop to translate: memory is of Device type, and uncached
 *
 * For the boot CPU, at its start and in tests.  The image's memory, its stack
 * included, is cleaned from the cache; all other memory is the caller's business.
 */
void mmu_enable(void);
void mmu_disable(void);

/**
 * dcache_clean() - memory has what the cache has, and the cache nothing of it
 */
void dcache_clean(const void *start, size_t size);

/**
 * code_changed() - make instructions visible that were just written
 */
void code_changed(const void *start, size_t size);

/*
 * Each word size's own, for the two above: one line of the data cache, cleaned and
 * dropped, or cleaned to where instructions are fetched; and all instructions.
 */
void cache_line_clean(uintptr_t at);
void cache_line_unify(uintptr_t at);
void icache_forget(void);

#endif
