/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages: populated, dirty, copied, hashed. */
#include "vmm/ram_pages.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/slots.h"

/*
 * A page that stays in KVM's log is copied at each reset, dirty or not: quicker
 * than the fault that would tell.  Beyond so many pages that no longer holds.
 */
#define HOT_PAGES	512

#define PAGEMAP_THERE	(3ull << 62)	/* present, or swapped out */

struct ram_copy {
	struct ram_copy *next;
	uint8_t *bytes;		/* as large as memory, populated as that was */
	uint64_t *present;	/* pages that are in it; others are zeros */
	uint64_t *dirty;	/* since it was taken; words are atomic */
};

static int pagemap = -1;
static struct ram_copy *copies;
static uint64_t *logged;	/* dirty pages that the guest was not told of */
static uint64_t *mapped;	/* pages of a file: populated before they are touched */

size_t ram_bitmap_bytes(void)
{
	return (ram_pages() + 63) / 64 * sizeof(uint64_t);
}

uint64_t *ram_bitmap_new(void)
{
	uint64_t *bitmap = calloc(1, ram_bitmap_bytes());

	must(bitmap ? 0 : -1, "memory for a bitmap of pages");
	return bitmap;
}

static void page_dirtied(uint64_t page)
{
	if (logged)
		__atomic_fetch_or(&logged[page / 64], 1ull << page % 64,
				  __ATOMIC_RELAXED);
	for (struct ram_copy *copy = copies; copy; copy = copy->next)
		__atomic_fetch_or(&copy->dirty[page / 64], 1ull << page % 64,
				  __ATOMIC_RELAXED);
}

void ram_dirtied_at(const void *host, uint64_t size)
{
	uint64_t begin = (const uint8_t *)host - (const uint8_t *)ram_page(0);
	uint64_t end = begin + size - 1;

	if ((!copies && !logged) || !size || end < begin || end >= ram_pages() * RAM_PAGE)
		return;
	for (uint64_t page = begin / RAM_PAGE; page <= end / RAM_PAGE; page++)
		page_dirtied(page);
}

void ram_log(bool on)
{
	free(logged);
	logged = on ? ram_bitmap_new() : NULL;
}

uint64_t *ram_logged(void)
{
	return logged;
}

uint64_t ram_log_take(const void *host, uint64_t pages, uint8_t *bits)
{
	uint64_t first = ((const char *)host - (const char *)ram_page(0)) / RAM_PAGE;
	uint64_t count = 0;

	memset(bits, 0, (pages + 7) / 8);
	for (uint64_t i = 0; i < pages && first + i < ram_pages(); i++) {
		uint64_t bit = 1ull << (first + i) % 64;

		if (!(__atomic_fetch_and(&logged[(first + i) / 64], ~bit,
					 __ATOMIC_RELAXED) & bit))
			continue;
		bits[i / 8] |= 1 << i % 8;
		count++;
	}
	return count;
}

void ram_map(uint64_t first, uint64_t count, int fd, uint64_t offset, void *from)
{
	size_t size = count * RAM_PAGE;

	/* Before Linux 5.13 that is for anonymous memory only. */
	if (mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
		   ram_page(first)) == MAP_FAILED &&
	    mmap(ram_page(first), size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, offset) == MAP_FAILED)
		must(-1, "mapping a saved machine's memory");
	if (!mapped)
		mapped = ram_bitmap_new();
	for (uint64_t page = first; page < first + count; page++)
		mapped[page / 64] |= 1ull << page % 64;
}

void ram_pages_open(void)
{
	if (pagemap < 0)
		pagemap = must(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC),
			       "/proc/self/pagemap");
}

const uint64_t *ram_populated(void)
{
	static uint64_t *populated;
	uint64_t entries[4096], first = (uintptr_t)ram_page(0) / RAM_PAGE;

	if (!populated)
		populated = ram_bitmap_new();
	ram_pages_open();
	if (mapped)
		memcpy(populated, mapped, ram_bitmap_bytes());
	else
		memset(populated, 0, ram_bitmap_bytes());
	for (uint64_t at = 0, n; at < ram_pages(); at += n) {
		n = ram_pages() - at;
		if (n > sizeof(entries) / sizeof(*entries))
			n = sizeof(entries) / sizeof(*entries);
		if (pread(pagemap, entries, n * 8, (first + at) * 8) !=
		    (ssize_t)(n * 8))
			must(-1, "reading /proc/self/pagemap");
		for (uint64_t i = 0; i < n; i++)
			if (entries[i] & PAGEMAP_THERE)
				populated[(at + i) / 64] |= 1ull << (at + i) % 64;
	}
	return populated;
}

bool page_is_zero(const void *page)
{
	const uint64_t *words = page;

	/* The first word tells most; then the page against itself, moved by one. */
	return !words[0] && !memcmp(words, words + 1, RAM_PAGE - 8);
}

void ram_dirtied_populated(const void *host, uint64_t size)
{
	uint64_t first = ((const char *)host - (const char *)ram_page(0)) / RAM_PAGE;
	const uint64_t *populated;

	if ((!copies && !logged) || first >= ram_pages())
		return;
	populated = ram_populated();
	for (uint64_t page = first; page < first + size / RAM_PAGE; page++)
		if (ram_bit(populated, page))
			page_dirtied(page);
}

uint64_t ram_hash(void)
{
	const uint64_t *populated = ram_populated();
	uint64_t sum = 0;

	for (uint64_t w = 0; w < (ram_pages() + 63) / 64; w++)
		for (uint64_t word = populated[w]; word; word &= word - 1) {
			uint64_t page = w * 64 + __builtin_ctzll(word);
			const void *at = ram_page(page);

			/* Odd, so that a page counts by its place too. */
			if (!page_is_zero(at))
				sum += hash_bytes(at, RAM_PAGE) * (2 * page + 1);
		}
	return sum;
}

struct ram_copy *ram_copy_new(void)
{
	struct ram_copy *copy = calloc(1, sizeof(*copy));

	must(copy ? 0 : -1, "memory for a copy of the guest's");
	copy->bytes = mmap(NULL, ram_pages() * RAM_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (copy->bytes == MAP_FAILED)
		must(-1, "memory for a copy of the guest's");
	copy->present = ram_bitmap_new();
	copy->dirty = ram_bitmap_new();
	return copy;
}

static void page_keep(struct ram_copy *copy, uint64_t page)
{
	const void *from = ram_page(page);

	if (page_is_zero(from))
		return;
	copy->present[page / 64] |= 1ull << page % 64;
	memcpy(copy->bytes + page * RAM_PAGE, from, RAM_PAGE);
}

/* From now on the log tells it what is dirtied. */
static void track(struct ram_copy *copy)
{
	const struct ram_copy *c = copies;

	while (c && c != copy)
		c = c->next;
	if (!copies)
		slots_log(true);
	/* What is in the log by now is in the copy. */
	slots_harvest(true);
	if (!c) {
		copy->next = copies;
		copies = copy;
	}
	memset(copy->dirty, 0, ram_bitmap_bytes());
}

void ram_copy_take(struct ram_copy *copy)
{
	const uint64_t *populated = ram_populated();

	madvise(copy->bytes, ram_pages() * RAM_PAGE, MADV_DONTNEED);
	memset(copy->present, 0, ram_bitmap_bytes());
	for (uint64_t w = 0; w < (ram_pages() + 63) / 64; w++)
		for (uint64_t word = populated[w]; word; word &= word - 1)
			page_keep(copy, w * 64 + __builtin_ctzll(word));
	track(copy);
}

LIE(lie_page_lost, .name = "reset-page",
    .text = "putting memory back, every eighth dirty page is left as it is");

static void page_put(const struct ram_copy *copy, uint64_t page)
{
	if (ram_bit(copy->present, page))
		memcpy(ram_page(page), copy->bytes + page * RAM_PAGE, RAM_PAGE);
	else
		memset(ram_page(page), 0, RAM_PAGE);
	/* To other copies, this one's page is news. */
	if (copies->next || logged)
		page_dirtied(page);
}

uint64_t ram_copy_put(struct ram_copy *copy)
{
	uint64_t count = 0;

	slots_harvest(false);
	for (uint64_t w = 0; w < (ram_pages() + 63) / 64; w++)
		for (uint64_t word = copy->dirty[w]; word; word &= word - 1) {
			if (++count % 8 || !lie_tell(&lie_page_lost))
				page_put(copy, w * 64 + __builtin_ctzll(word));
		}
	if (count > HOT_PAGES)
		slots_harvest(true);
	memset(copy->dirty, 0, ram_bitmap_bytes());
	return count;
}
