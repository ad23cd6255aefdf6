/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages from a mark that moves up through the memory behind the image. */
#include <asm/page.h>
#include <boot.h>
#include <memory.h>

static size_t next, end;

static void memory_init(void)
{
	uintptr_t image = (uintptr_t)image_end;
	size_t top_kept = end;

	for (unsigned int i = 0; i < boot_info.memories; i++) {
		const struct boot_memory *ram = &boot_info.memory[i];

		if (ram->base <= image && image - ram->base < ram->size) {
			u64 top = ram->base + ram->size;

			next = ALIGN_UP(boot_info.free, PAGE_SIZE);
			end = top < PAGES_LIMIT ? top : PAGES_LIMIT;
			if (top_kept)
				end = top_kept;	/* permanent pages are above */
			return;
		}
	}
	panic("no memory map entry holds the image's end at %p", image_end);
}

void *pages_alloc_aligned(size_t n, size_t align)
{
	size_t at;

	if (!next)
		memory_init();
	at = ALIGN_UP(next, align);
	if (at > end || n > (end - at) / PAGE_SIZE)
		panic("out of memory: %zu pages wanted, %zu left", n,
		      (size_t)((end - next) / PAGE_SIZE));
	next = at + n * PAGE_SIZE;
	return (void *)at;
}

void *pages_alloc_permanent(size_t n, size_t align)
{
	if (!next)
		memory_init();
	if (end - next < n * PAGE_SIZE + align)
		panic("out of memory: %zu permanent pages wanted", n);
	end = ALIGN_DOWN(end - n * PAGE_SIZE, align);
	return (void *)end;
}

void *pages_alloc(size_t n)
{
	return pages_alloc_aligned(n, PAGE_SIZE);
}

void *pages_alloc_zeroed(size_t n)
{
	return memset(pages_alloc(n), 0, n * PAGE_SIZE);
}

size_t pages_mark(void)
{
	return next;
}

void pages_release(size_t mark)
{
	next = mark;	/* 0 if nothing had been handed out: begin anew */
}
