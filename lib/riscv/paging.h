/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables (RISC-V privileged ISA 1.13, 12.3 and 12.4): Sv39 or Sv32.  RAM is mapped at
 * its address for the supervisor and for user mode, by the largest pages that fit, but
 * the image's code and harts' blocks are the supervisor's alone.  The image is mapped
 * once more for user mode, at PAGES_USER_IMAGE.
 */
#ifndef PAGING_H
#define PAGING_H

#include <io.h>
#include <asm/page.h>
#include <base.h>
#include <memory.h>

/* The console until the tree is read, mapped from the start: what QEMU's virt has. */
#ifndef EARLY_UART
#define EARLY_UART	0x10000000ul
#endif

/**
 * paging_init() - make the tables, and translate from now on; on the boot hart
 */
void paging_init(void);

/**
 * paging_satp() - what is in SATP then
 */
unsigned long paging_satp(void);

/**
 * paging_block() - a hart's block is no user mode's, but for its user stack
 * @block: not in use by its hart yet
 */
void paging_block(const void *block);

/**
 * pte_at() - the last level's entry for an address, made and split on first use
 */
unsigned long *pte_at(const void *address);

/**
 * pte_set() - change an entry, and have all harts that run forget the old one
 * @address: whose entry it is
 */
void pte_set(unsigned long *entry, unsigned long value, const void *address);

/**
 * pte_of() - an entry's bits for a physical address
 */
static inline unsigned long pte_of(u64 physical)
{
	return physical >> PAGE_SHIFT << PTE_PPN_SHIFT;
}

/**
 * table_level() - the entry of a higher level for an address, made on first use
 * @level: 0 is the last one's, so 1 is for pages of 2 MiB (Sv39) or 4 MiB (Sv32)
 */
unsigned long *table_level(const void *address, unsigned int level);

/**
 * user_address() - where user mode finds code, or static data, of the image
 * kernel_address() - the reverse; other addresses are the same in both
 */
uintptr_t user_address(const void *address);
uintptr_t kernel_address(uintptr_t address);

#endif
