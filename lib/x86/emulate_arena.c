/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arenas of emulate.h's rows: where they are, what backs them, and the windows of
 * them that count.  16-bit code has its own, in RAM that real mode reaches.
 */
#include <emulate_parts.h>
#include <insn.h>
#include <memory.h>
#include <paging.h>

#define ARENA_PAGES	2
#define WINDOW_WORDS	(WINDOW / WORD_BYTES)
#define ARENA_BYTES	(ARENA_PAGES * PAGE_SIZE)
#define LOW_BASE	0xa000ul	/* identity-mapped */
#define LOW_STRIDE	ARENA_BYTES
#define AT_DEFAULT	0x100	/* room for a 32-bit frame below the stack */

/* What the arenas are mapped to: those of 16-bit code last. */
static struct mapping {
	unsigned int device;	/* BIT(arena): to the device */
	unsigned int absent;	/* without the second page */
} mapped[2];

static u8 *ram;			/* behind the other arenas */

/* What the device's windows hold: reading and writing it is dear. */
static u8 device_holds[ARENAS][ARENA_BYTES] __attribute__((aligned(8)));

static bool low(void)
{
	return emulation.row->mode == 16;
}

unsigned long arena_base(enum arena arena)
{
	return low() ? LOW_BASE + arena * LOW_STRIDE : ARENA(arena);
}

size_t arena_offset(const struct insn_row *row)
{
	return row->at ?: AT_DEFAULT;
}

bool arena_has(enum arena arena, unsigned long address)
{
	return address - arena_base(arena) < ARENA_BYTES;
}

unsigned long operand_address(enum arena arena)
{
	return arena_base(arena) + arena_offset(emulation.row);
}

static u8 *window_at(struct outcome *is, unsigned long address, u8 size)
{
	for (unsigned int arena = 0; arena < ARENAS; arena++) {
		size_t offset = address - arena_base(arena) - emulation.window;

		if (offset < WINDOW && offset + size <= WINDOW)
			return is->memory[arena] + offset;
	}
	panic("%s: address %#lx is in no window", emulation.row->name, address);
}

/* The first byte of an access that lies in an absent page; 0 if none does. */
static unsigned long absent_at(unsigned long address, u8 size)
{
	for (unsigned int arena = 0; arena < ARENAS; arena++) {
		unsigned long page = arena_base(arena) + PAGE_SIZE;

		if (emulation.row->absent & BIT(arena) &&
		    arena_has(arena, address) && address + size > page)
			return address > page ? address : page;
	}
	return 0;
}

u64 step_load(struct step *step, unsigned long address, u8 size)
{
	unsigned long absent = absent_at(address, size);
	u64 value = 0;

	if (absent)
		step->fault = FAULT_PF_AT(absent, 0);
	else
		memcpy(&value, window_at(&step->is, address, size), size);
	return value;
}

void step_store(struct step *step, unsigned long address, u8 size, u64 value)
{
	unsigned long absent = absent_at(address, size);

	if (absent)
		step->fault = FAULT_PF_AT(absent, PF_W);
	else
		memcpy(window_at(&step->is, address, size), &value, size);
}

static u8 *backing(enum arena arena, bool device)
{
	size_t offset = arena * ARENA_BYTES;

	if (device)
		return (u8 *)(uintptr_t)TESTDEV_MEMORY + offset;
	/* Real mode knows no other place for it. */
	return low() ? (u8 *)arena_base(arena) : ram + offset;
}

static void arena_map(enum arena arena, const struct mapping *want)
{
	for (size_t page = 0; page < ARENA_BYTES; page += PAGE_SIZE)
		page_map((void *)(arena_base(arena) + page),
			 (uintptr_t)backing(arena, want->device & BIT(arena)) + page,
			 page && want->absent & BIT(arena) ? 0 :
			 PTE_P | PTE_W | PTE_U | PTE_A | PTE_D);
}

static void arenas_map_now(void *arg)
{
	const struct mapping *want = arg;
	struct mapping *is = &mapped[low()];
	unsigned int changed = (is->device ^ want->device) |
		(is->absent ^ want->absent);

	if (!ram) {
		ram = pages_alloc_permanent(ARENAS * ARENA_PAGES, PAGE_SIZE);
		changed = low() ? changed : ~0u;
	}
	for (unsigned int arena = 0; arena < ARENAS; arena++)
		if (changed & BIT(arena))
			arena_map(arena, want);
	*is = *want;
}

void arenas_map(unsigned int device, unsigned int absent)
{
	struct mapping want = { device, absent }, *is = &mapped[low()];

	if ((!ram && !low()) || is->device != device || is->absent != absent)
		kernel_call(arenas_map_now, &want);
}

/* The device takes and gives words; bytes would be an exit each. */
static void device_write(enum arena arena, const u8 *from)
{
	volatile unsigned long *to = (void *)(backing(arena, true) + emulation.window);
	unsigned long *holds = (void *)(device_holds[arena] + emulation.window);
	const unsigned long *want = (const void *)from;

	for (unsigned int i = 0; i < WINDOW_WORDS; i++)
		if (holds[i] != want[i])
			to[i] = holds[i] = want[i];
}

static void device_read(enum arena arena, u8 *to, unsigned int words)
{
	volatile unsigned long *from = (void *)(backing(arena, true) + emulation.window);
	unsigned long *holds = (void *)(device_holds[arena] + emulation.window);

	for (unsigned int i = 0; i < WINDOW_WORDS; i++)
		if (words & BIT(i))
			holds[i] = from[i];
	memcpy(to, holds, WINDOW);
}

/* The operand's, and those that are to change. */
static unsigned int words_of_interest(const u8 *before, const u8 *after)
{
	size_t operand = arena_offset(emulation.row) - emulation.window;
	unsigned int words = BIT(operand / WORD_BYTES) |
		BIT(operand / WORD_BYTES + 1);

	for (unsigned int i = 0; i < WINDOW_WORDS; i++)
		if (memcmp(before + i * WORD_BYTES, after + i * WORD_BYTES, WORD_BYTES))
			words |= BIT(i);
	return words;
}

void arenas_fill(const struct outcome *is)
{
	for (unsigned int arena = 0; arena < ARENAS; arena++) {
		if (!(emulation.arenas & BIT(arena)))
			continue;
		if (mapped[low()].device & BIT(arena))
			device_write(arena, is->memory[arena]);
		else
			memcpy(backing(arena, false) + emulation.window,
			       is->memory[arena], WINDOW);
	}
}

void arenas_fetch(struct outcome *is, const struct outcome *start,
		  const struct outcome *want)
{
	for (unsigned int arena = 0; arena < ARENAS; arena++) {
		if (!(emulation.arenas & BIT(arena)))
			continue;
		if (mapped[low()].device & BIT(arena))
			device_read(arena, is->memory[arena], !want ? ~0u :
				    words_of_interest(start->memory[arena],
						      want->memory[arena]));
		else
			memcpy(is->memory[arena],
			       backing(arena, false) + emulation.window, WINDOW);
	}
}

