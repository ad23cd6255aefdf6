/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's memory: one mapping of the host's, and checked access to it.
 *
 * The mapping is RAM first, and behind it spare memory: the test device makes
 * memory slots of it.  A page's number counts from the mapping's begin.
 */
#ifndef HOST_VMM_RAM_H
#define HOST_VMM_RAM_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/device.h"

#define RAM_PAGE	4096u
#define RAM_SPARE	(32ull << 20)

/**
 * ram_create() - map the RAM and give it to KVM
 */
void ram_create(void);

/**
 * ram_at() - the host's address of RAM, or NULL if any byte of it is none
 *
 * For reading: what is written there, nobody knows to be dirty.
 */
void *ram_at(gpa_t gpa, uint64_t size);

/**
 * ram_write_at() - the same, for writing: the pages are dirty from now on
 */
void *ram_write_at(gpa_t gpa, uint64_t size);

/**
 * ram_write() - copy into RAM; the machine ends if there is none
 */
void ram_write(gpa_t gpa, const void *from, uint64_t size);

/**
 * ram_string() - copy a NUL-terminated string out of RAM
 *
 * Returns false if it is not in RAM, or longer than @size - 1 bytes.
 */
bool ram_string(gpa_t gpa, char *to, uint64_t size);

/* A piece of the mapping that the guest has as RAM. */
struct ram_range {
	gpa_t gpa;
	uint64_t size;		/* bytes */
	uint64_t offset;	/* in the mapping */
};

#define RAM_RANGES	3

/**
 * arch_ram() - where an architecture's machine has its RAM
 * @ranges: filled in, at most RAM_RANGES
 *
 * Returns how many.
 */
unsigned int arch_ram(struct ram_range *ranges);

/**
 * ram_page() - host address of a page
 * ram_pages() - how many there are, spare ones included
 */
void *ram_page(uint64_t page);
uint64_t ram_pages(void);

/**
 * ram_has() - is this host address in the mapping?
 */
bool ram_has(const void *host);

/**
 * ram_spare() - spare memory, zeros unless it was written to, or NULL if there is
 *	not so much
 * @offset: how much is in use
 * @size: bytes, whole pages
 */
void *ram_spare(uint64_t offset, uint64_t size);

/**
 * ram_spare_clear() - make the first @size bytes of it zeros again
 */
void ram_spare_clear(uint64_t size);

#endif
