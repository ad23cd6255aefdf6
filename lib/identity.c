/* SPDX-License-Identifier: BSD-2-Clause */
/* Which blocks an identity is made of. */
#include <asm/page.h>
#include <boot.h>
#include <identity.h>

static bool is_image(u64 base, u64 size)
{
	u64 start = (uintptr_t)image_start, end = (uintptr_t)image_end;

	return base < end && start < base + size;
}

void identity_map(u64 base, u64 size, u64 flags)
{
	u64 end = ALIGN_DOWN(base + size, PAGE_SIZE);

	for (u64 at = ALIGN_UP(base, PAGE_SIZE); at < end;) {
		u64 block;
		unsigned int n;

		for (n = 0;; n++) {
			block = 1ull << identity_shift(n);
			if (block == PAGE_SIZE ||
			    (at % block == 0 && block <= end - at && !is_image(at, block)))
				break;
		}
		identity_set(at, n, flags);
		at += block;
	}
}

void identity_map_ram(u64 limit, u64 flags)
{
	for (unsigned int i = 0; i < boot_info.memories; i++) {
		const struct boot_memory *ram = &boot_info.memory[i];
		u64 end = ram->base + ram->size;

		if (ram->base < limit)
			identity_map(ram->base, (end < limit ? end : limit) - ram->base, flags);
	}
}
