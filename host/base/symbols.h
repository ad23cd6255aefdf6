/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From an image's addresses to functions and source lines: by libdw, which knows
 * lines and inlined functions; without it by the symbol table alone.
 */
#ifndef HOST_BASE_SYMBOLS_H
#define HOST_BASE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct symbols;

/* A place in the source; strings live as long as the symbols. */
struct symbol {
	const char *function;	/* NULL if not known */
	uint64_t offset;	/* of the address, from the (outermost) function's start */
	const char *file;	/* as the compiler was told, or NULL if not known */
	unsigned int line;	/* 0 if not known */
};

/**
 * symbols_open() - read the symbols of an image, of any architecture
 * @image: its path; NAME.elf beside NAME.flat, and NAME.efi.debug
 *	beside NAME.efi, are preferred
 *
 * Returns NULL if neither is an ELF file that can be read.
 */
struct symbols *symbols_open(const char *image);

/**
 * symbols_loaded_at() - the image lies in memory from there on, not where it is linked
 * @symbols: from symbols_open(), or NULL
 * @base: what addresses are too large by from now on
 */
void symbols_loaded_at(struct symbols *symbols, uint64_t base);

/**
 * symbols_at() - what an address belongs to
 * @symbols: from symbols_open(), or NULL
 * @address: as linked, or as loaded
 * @to: filled in, innermost first: each is inlined into the next
 * @room: elements at @to
 *
 * Returns how many are filled in; 0 if nothing is known of the address.
 */
unsigned int symbols_at(struct symbols *symbols, uint64_t address,
			struct symbol *to, unsigned int room);

/**
 * symbols_describe() - append a place: "f() at x86/a.c:12, inlined in g() at …"
 * @symbols: from symbols_open(), or NULL
 * @address: as linked
 * @to: where to; nothing is appended if nothing is known
 *
 * Returns whether anything is known.
 */
bool symbols_describe(struct symbols *symbols, uint64_t address, struct buf *to);

/**
 * symbols_find() - where a function or an object is
 * @symbols: from symbols_open(), or NULL
 * @name: of it
 * @address: set to its address
 *
 * Returns false if there is none of that name.
 */
bool symbols_find(struct symbols *symbols, const char *name, uint64_t *address);

/**
 * symbols_close() - give everything back
 * @symbols: from symbols_open(), or NULL
 */
void symbols_close(struct symbols *symbols);

#endif
