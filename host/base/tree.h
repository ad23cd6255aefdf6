/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing a device tree (Devicetree Specification 0.4, chapter 5). */
#ifndef HOST_BASE_TREE_H
#define HOST_BASE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct tree {
	struct buf nodes, strings;
};

/**
 * tree_open(), tree_close() - a node, inside of the one that is open
 * @name: with its unit's address; "" of the root
 */
void tree_open(struct tree *tree, const char *name);
void tree_close(struct tree *tree);

/**
 * tree_bytes(), tree_text(), tree_flag() - a property of the open node
 */
void tree_bytes(struct tree *tree, const char *name, const void *bytes, size_t size);
void tree_text(struct tree *tree, const char *name, const char *text);
void tree_flag(struct tree *tree, const char *name);

/**
 * tree_cells() - a property of 32-bit cells
 * @count: how many follow, each an unsigned int
 */
void tree_cells(struct tree *tree, const char *name, unsigned int count, ...);

/**
 * tree_region() - the property "reg": pairs of two cells for address and for size
 * @count: of uint64_t that follow: address, size, …
 */
void tree_region(struct tree *tree, unsigned int count, ...);

/**
 * tree_finish() - the whole blob, for the caller to free; @tree is used up
 */
void *tree_finish(struct tree *tree, size_t *size);

#endif
