/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ROM for Bochs that holds an image and puts it into memory.
 *
 * Bochs maps the ROM so that it ends at 4 GiB and begins at the reset vector:
 * no BIOS runs.  The loader is the ROM's last page.  It begins with a table of
 * what to copy where, which the host fills in:
 *
 *	[segments][multiboot information][zeros][loader: 4 KiB]
 */
#ifndef HOST_RUNNER_BOCHS_ROM_H
#define HOST_RUNNER_BOCHS_ROM_H

#define BOCHS_LOADER_SIZE	4096
/* The loader's table: entries of from, to, bytes, bytes with zeros behind. */
#define BOCHS_ENTRY_SIZE	16
#define BOCHS_ENTRIES		96
/* Behind it: how many, then what the image finds in EAX and EBX, and its entry. */
#define BOCHS_COUNT		(BOCHS_ENTRY_SIZE * BOCHS_ENTRIES)
#define BOCHS_EAX		(BOCHS_COUNT + 4)
#define BOCHS_EBX		(BOCHS_COUNT + 8)
#define BOCHS_START		(BOCHS_COUNT + 12)
#define BOCHS_CODE		(BOCHS_COUNT + 16)

#define BOCHS_STACK		0x8000
#define BOCHS_INFO		0x9000	/* where multiboot information goes */
#define BOCHS_INFO_END		0x80000
#define BOCHS_PROBE		0xa000	/* where the probe is linked to */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct plan;

/* What the image is told. */
struct bochs_boot {
	uint64_t memory;		/* bytes of RAM */
	const char *command_line;
	const char *environment;	/* NAME=value lines; "" for none */
};

/**
 * bochs_rom_usable() - was the loader built in?
 *
 * It is x86 code, which only a compiler for x86 assembles.
 */
bool bochs_rom_usable(void);

/**
 * bochs_rom_make() - the ROM of an image
 * @rom: appended to
 * @plan: of the image
 * @boot: what to tell it
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 *
 * Returns false if the image cannot be booted so.
 */
bool bochs_rom_make(struct buf *rom, const struct plan *plan, const struct bochs_boot *boot,
		    char *why, size_t size);

/**
 * bochs_rom_probe() - a ROM that prints what CPUID says
 * @rom: appended to
 *
 * It prints lines of "LEAF SUBLEAF EAX EBX ECX EDX", in hexadecimal.
 */
void bochs_rom_probe(struct buf *rom);
#endif

#endif
