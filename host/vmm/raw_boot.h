/* SPDX-License-Identifier: BSD-2-Clause */
/* Images that are no ELF, and what the device tree says of their arguments. */
#ifndef HOST_VMM_RAW_BOOT_H
#define HOST_VMM_RAW_BOOT_H

#include "base/tree.h"
#include "vmm/device.h"

#define RAW_TREE_ROOM	0x100000ull	/* at the end of RAM; below it the environment */

/* How an architecture's kernels say where they want to lie. */
struct raw_header {
	unsigned int magic_at;		/* offset of the magic */
	const char *magic;
	unsigned int offset_at;		/* of 64 bits: where, from RAM's begin */
};

/**
 * raw_load() - an image into RAM
 * @header: what kernels have, or NULL
 * @otherwise: the offset of an image without such a header
 *
 * Returns the address of its first byte.  The machine ends if it does not fit.
 */
gpa_t raw_load(const char *path, const struct raw_header *header, uint64_t otherwise);

/**
 * raw_tree_begin() - the device tree's root, open for properties and nodes
 * @tree: all zeros
 * @compatible: what machine it is
 */
void raw_tree_begin(struct tree *tree, const char *compatible);

/**
 * raw_tree_end() - add what all machines have: /chosen, memory and the test device;
 * then the tree and the environment, whole, to the end of RAM
 * @console: path of its node
 *
 * Returns where the tree is.
 */
gpa_t raw_tree_end(struct tree *tree, const char *console);

#endif
