/* SPDX-License-Identifier: BSD-2-Clause */
/* What every boot door tells: one structure, whichever way we came in. */
#ifndef BOOT_H
#define BOOT_H

#include <base.h>

struct abi_host;
struct fdt;

#define BOOT_MAX_MEMORY		32

struct boot_memory {
	u64 base, size;		/* bytes; usable RAM */
};

struct boot_info {
	const char *door;		/* "multiboot", "PVH" */
	const char *command_line;	/* word 0 is the image's name */
	bool no_image_name;		/* the loader passes arguments only */
	const char *environment;	/* NAME=value lines, or NULL */
	size_t environment_size;
	struct boot_memory memory[BOOT_MAX_MEMORY];
	unsigned int memories;
	uintptr_t free;			/* behind the image and what a loader left */
	const struct fdt *fdt;		/* the device tree, or NULL */
	u64 rsdp;			/* physical address, 0: must be searched */
	struct abi_host *host;		/* the reference VMM's page, or NULL */
	size_t host_size;		/* bytes of its region, where a device tree tells */
};

extern struct boot_info boot_info;

/* Ends of the image in memory, and of its code, from the linker script. */
extern char image_start[], image_end[], code_end[];

/**
 * image_has(), image_has_code() - is this an address in the image, in its code?
 */
static inline bool image_has(uintptr_t at)
{
	return at >= (uintptr_t)image_start && at < (uintptr_t)image_end;
}

static inline bool image_has_code(uintptr_t at)
{
	return at >= (uintptr_t)image_start && at < (uintptr_t)code_end;
}

/**
 * image_offset() - an address as the linker counted it that put the image to 0, so
 *	that symbols are found by it; what is outside stays
 */
static inline uintptr_t image_offset(uintptr_t at)
{
	return image_has(at) ? at - (uintptr_t)image_start : at;
}

/**
 * boot_add_memory() - tell of RAM, while boot_read() runs
 */
void boot_add_memory(u64 base, u64 size);

/**
 * boot_memory_size() - bytes of RAM that this image may use in all
 */
u64 boot_memory_size(void);

/**
 * boot_memory_end() - the address behind all RAM
 */
u64 boot_memory_end(void);

/**
 * boot_read() - fill in boot_info from what the boot loader left
 */
void boot_read(void);

/**
 * image_main() - from the door to the verdict; called once, on the boot CPU
 */
void image_main(void) __attribute__((noreturn));

#endif
