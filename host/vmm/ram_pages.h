/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pages of memory as whoever takes the machine's state sees them: which
 * there are, which were dirtied, a copy of all, and their hash.
 */
#ifndef HOST_VMM_RAM_PAGES_H
#define HOST_VMM_RAM_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * ram_pages_open() - open what ram_populated() reads, while that is allowed
 */
void ram_pages_open(void);

/**
 * ram_bitmap_new() - a bit for each page, page 0 being bit 0 of word 0; none is set
 * ram_bitmap_bytes() - how large that is
 * ram_bit() - is a page's set?
 */
uint64_t *ram_bitmap_new(void);
size_t ram_bitmap_bytes(void);

static inline bool ram_bit(const uint64_t *bitmap, uint64_t page)
{
	return bitmap[page / 64] >> page % 64 & 1;
}

/**
 * ram_populated() - which pages may be other than zeros
 *
 * Returns a bitmap of ram_bitmap_new(), valid until the next call.
 */
const uint64_t *ram_populated(void);

/**
 * ram_map() - have pages of memory begin as a file's
 * @offset: in @fd, a multiple of RAM_PAGE
 * @from: where these pages of it are mapped, private and writable, and stay so
 *
 * Those that were looked at there need no fault here.  Nothing is written to the file.
 */
void ram_map(uint64_t first, uint64_t count, int fd, uint64_t offset, void *from);

/**
 * ram_hash() - a hash over all of memory; pages of zeros do not count
 */
uint64_t ram_hash(void);

/**
 * page_is_zero() - does a page of memory hold nothing but zeros?
 */
bool page_is_zero(const void *page);

/* A copy of memory as it once was. */
struct ram_copy;

/**
 * ram_copy_new() - room for a copy
 */
struct ram_copy *ram_copy_new(void);

/**
 * ram_copy_take() - copy all of memory, and track from now on what is dirtied
 *
 * All CPUs stand still, for this and the next.
 */
void ram_copy_take(struct ram_copy *copy);

/**
 * ram_copy_put() - make memory what it was
 *
 * Returns how many pages were copied.
 */
uint64_t ram_copy_put(struct ram_copy *copy);

/**
 * ram_log() - begin to remember dirty pages for the guest, or forget them
 */
void ram_log(bool on);

/**
 * ram_logged() - the dirty pages that the guest was not told of, of those harvested
 *
 * Returns a bitmap as ram_bitmap_new() makes it, or NULL while there is no log.
 */
uint64_t *ram_logged(void);

/**
 * ram_log_take() - tell of dirty pages, and forget them
 * @host: the first page's memory; in the guest's mapping, or nothing is told
 * @pages: how many to look at
 * @bits: one for each, bit 0 of byte 0 first
 *
 * Returns how many are dirty.
 */
uint64_t ram_log_take(const void *host, uint64_t pages, uint8_t *bits);

/**
 * ram_dirtied_at() - note that host memory is dirty: KVM's log says so, or a
 *	device wrote there
 *
 * Memory outside of the guest's mapping is nobody's business.
 */
void ram_dirtied_at(const void *host, uint64_t size);

/**
 * ram_dirtied_populated() - the same, for those pages that ram_populated() names
 */
void ram_dirtied_populated(const void *host, uint64_t size);

#endif
