/* SPDX-License-Identifier: BSD-2-Clause */
/* A ROM for Bochs that holds an image. */
#include "runner/bochs_rom.h"

#include <stdio.h>
#include <string.h>

#include "abi/boot.h"
#include "base/buf.h"
#include "runner/plan.h"

#define ROM_MAX		(2u << 20)	/* bytes that Bochs takes */
#define ROM_ALIGN	(64u << 10)
#define LOW_END		0x9f000		/* of the RAM below 1 MiB */

extern const char bochs_loader[], bochs_probe[], bochs_probe_end[];

struct entry {
	uint32_t from, to, size, whole;
};

struct rom {
	struct buf *out;
	struct entry entries[BOCHS_ENTRIES];	/* from: offset in the ROM */
	uint32_t count, eax, ebx, start;
};

bool bochs_rom_usable(void)
{
	return &bochs_probe_end[0] != &bochs_probe[0];
}

static bool entry_add(struct rom *rom, const void *bytes, uint64_t to, uint64_t size,
		      uint64_t whole)
{
	if (rom->count == BOCHS_ENTRIES || to > UINT32_MAX || whole > UINT32_MAX - to)
		return false;
	rom->entries[rom->count++] = (struct entry){ rom->out->length, to, size, whole };
	buf_add(rom->out, bytes, size);
	while (rom->out->length % 16)
		buf_add(rom->out, "", 1);
	return true;
}

static void zeros_add(struct buf *out, size_t until)
{
	static const char zeros[4096];

	while (out->length < until)
		buf_add(out, zeros, until - out->length < sizeof(zeros) ?
			until - out->length : sizeof(zeros));
}

/* The loader and its table behind all that it copies. */
static bool rom_finish(struct rom *rom)
{
	size_t used = rom->out->length + BOCHS_LOADER_SIZE;
	size_t size = (used + ROM_ALIGN - 1) / ROM_ALIGN * ROM_ALIGN;
	uint32_t tail[] = { rom->count, rom->eax, rom->ebx, rom->start };
	char *loader;

	if (size > ROM_MAX)
		return false;
	zeros_add(rom->out, size - BOCHS_LOADER_SIZE);
	buf_add(rom->out, bochs_loader, BOCHS_LOADER_SIZE);
	for (uint32_t i = 0; i < rom->count; i++)
		rom->entries[i].from -= size;	/* the ROM ends at 4 GiB */
	loader = rom->out->data + size - BOCHS_LOADER_SIZE;
	memcpy(loader, rom->entries, rom->count * sizeof(*rom->entries));
	memcpy(loader + BOCHS_COUNT, tail, sizeof(tail));
	return true;
}

/* Multiboot information, and behind it all that it points to. */
struct information {
	struct multiboot_info info;
	struct multiboot_memory memory[2];
	struct multiboot_module module;
	char text[];
};

static bool information_add(struct rom *rom, const struct bochs_boot *boot)
{
	uint32_t text = BOCHS_INFO + offsetof(struct information, text);
	uint32_t line_size = strlen(boot->command_line) + 1;
	uint32_t environment_size = strlen(boot->environment);
	struct information head = {
		.info = {
			.flags = MULTIBOOT_HAS_MEMORY | MULTIBOOT_HAS_CMDLINE | MULTIBOOT_HAS_MAP |
				 (environment_size ? MULTIBOOT_HAS_MODULES : 0),
			.mem_lower = LOW_END >> 10, .mem_upper = (boot->memory >> 10) - 1024,
			.cmdline = text, .mods_count = environment_size ? 1 : 0,
			.mods_addr = BOCHS_INFO + offsetof(struct information, module),
			.mmap_length = sizeof(head.memory),
			.mmap_addr = BOCHS_INFO + offsetof(struct information, memory),
		},
		.memory = {
			{ 20, 0, LOW_END, BOOT_MEMORY_RAM },
			{ 20, 0x100000, boot->memory - 0x100000, BOOT_MEMORY_RAM },
		},
		.module = { text + line_size, text + line_size + environment_size, 0, 0 },
	};
	struct buf all = { 0 };
	bool fits;

	buf_add(&all, &head, offsetof(struct information, text));
	buf_add(&all, boot->command_line, line_size);
	buf_add(&all, boot->environment, environment_size + 1);
	rom->eax = MULTIBOOT_MAGIC;
	rom->ebx = BOCHS_INFO;
	fits = all.length <= BOCHS_INFO_END - BOCHS_INFO &&
	       entry_add(rom, all.data, BOCHS_INFO, all.length, all.length);
	buf_free(&all);
	return fits;
}

bool bochs_rom_make(struct buf *out, const struct plan *plan, const struct bochs_boot *boot,
		    char *why, size_t size)
{
	struct rom rom = { .out = out, .start = plan_start(plan) };
	struct plan_segment segment;

	if (!plan_is_elf(plan)) {
		snprintf(why, size, "Bochs' loader takes ELF files only");
		return false;
	}
	for (size_t i = 0; plan_segment(plan, i, &segment); i++) {
		if (!segment.memory)
			continue;
		if (segment.physical < BOCHS_INFO_END || segment.memory > boot->memory ||
		    segment.physical > boot->memory - segment.memory) {
			snprintf(why, size, "the image does not fit into the machine's memory");
			return false;
		}
		if (!entry_add(&rom, segment.bytes, segment.physical, segment.size,
			       segment.memory)) {
			snprintf(why, size, "the image has more than %u segments",
				 BOCHS_ENTRIES - 1);
			return false;
		}
	}
	if (!information_add(&rom, boot)) {
		snprintf(why, size, "command line and environment are longer than %u bytes",
			 BOCHS_INFO_END - BOCHS_INFO);
		return false;
	}
	if (!rom_finish(&rom)) {
		snprintf(why, size, "the image is larger than Bochs' ROM, %u KiB",
			 (ROM_MAX - BOCHS_LOADER_SIZE) >> 10);
		return false;
	}
	return true;
}

void bochs_rom_probe(struct buf *out)
{
	struct rom rom = { .out = out, .start = BOCHS_PROBE };
	size_t size = bochs_probe_end - bochs_probe;

	entry_add(&rom, bochs_probe, BOCHS_PROBE, size, size);
	rom_finish(&rom);
}
