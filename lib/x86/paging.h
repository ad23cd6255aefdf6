/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables (SDM 3A, chapter 4).  64-bit images start in 4-level paging, 32-bit
 * ones in 32-bit paging.  The first 4 GiB are mapped at their address for user and
 * kernel by large pages; what follows splits and adds as needed.
 */
#ifndef PAGING_H
#define PAGING_H

#include <base.h>
#include <defs/page.h>
#include <memory.h>
#include <test.h>

/* A paging mode, as SDM 3A 4.1.1 has them. */
struct paging {
	const char *name;
	unsigned int levels;		/* level 1 maps 4 KiB pages */
	unsigned int index_bits;	/* per level */
	unsigned int entry_size;	/* bytes */
	unsigned long cr4;		/* CR4_PAE, CR4_LA57 */
};

extern const struct paging paging_32bit, paging_pae, paging_4level,
	paging_5level;

/**
 * paging_mode() - the one that this CPU is in
 */
const struct paging *paging_mode(void);

/**
 * paging_shift() - log2 of the bytes that one entry of a level maps
 */
static inline unsigned int paging_shift(const struct paging *mode,
					unsigned int level)
{
	return PAGE_SHIFT + (level - 1) * mode->index_bits;
}

/* A mode's page tables, whether this CPU uses them now or not. */
struct space {
	const struct paging *mode;
	u64 root;		/* physical address of the top table */
};

/**
 * space_current() - the space that this CPU uses
 */
struct space space_current(void);

/**
 * space_entry() - the entry of @level that translates @address
 *
 * Tables on the way are made; a larger page is split into equal smaller ones.
 * These tables are permanent, and so stay linked to what they hang from.
 */
void *space_entry(const struct space *space, const void *address,
		  unsigned int level);

/**
 * entry_read(), entry_write() - an entry of a mode's size
 *
 * 32-bit images write entries of 8 bytes in halves, the one with P last.
 */
u64 entry_read(const struct paging *mode, const void *entry);
void entry_write(const struct paging *mode, void *entry, u64 value);

/**
 * pte_at() - the 4 KiB page's entry in the current space, made on first use
 * pte_read(), pte_write() - an entry of the current mode
 */
void *pte_at(const void *address);
u64 pte_read(const void *entry);
void pte_write(void *entry, u64 value);

/**
 * page_physical() - where an address is mapped to; panics if it is not
 */
u64 page_physical(const void *address);

/*
 * A split space, for what a kernel does to protect itself: all memory is mapped
 * at its address for the supervisor only, and once more for user mode at
 * USER_ALIAS above it (32-bit and PAE paging: the first GiB).  Nothing is mapped
 * from SPACE_FREE up to the next table of the top level.
 */
#define USER_ALIAS	(IS_64BIT ? (uintptr_t)BIT(39) : 0x40000000)
#define SPACE_FREE	(IS_64BIT ? (uintptr_t)BIT(40) : 0x80000000)

#define user_alias(address)						\
	((__typeof__((address) + 0))((uintptr_t)(address) + USER_ALIAS))

/**
 * space_split() - make one in @mode; it lives as long as the TEST
 */
void space_split(struct space *space, const struct paging *mode);

/**
 * space_split_current() - one in the current mode, for WITH_SPACE()
 */
const struct space *space_split_current(void);

struct space_scope {
	struct scope scope;
	struct space old;
};

/**
 * WITH_SPACE(&space) - run in another space, which maps the image at its address
 *
 * Changes the paging mode too, by way of no paging at all: CR4.PCIDE must be
 * clear then.  In a split space exec() at CPL 3 is not to be had: use touch.h.
 */
#define WITH_SPACE(space)	SCOPE(space_scope, space_enter, space)
void space_enter(struct space_scope *scope, const struct space *space);

#endif
