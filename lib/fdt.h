/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads flattened device trees (Devicetree Specification 0.4, chapter 5), version 17
 * or compatible with 16.
 *
 * Nodes are offsets into the tree's structure block; FDT_NONE is no node.  Each
 * function takes what it reads as not to be trusted: a damaged tree has fewer nodes
 * and properties, and never leads outside of the blob.
 */
#ifndef FDT_H
#define FDT_H

#include <base.h>

#define FDT_NONE	(-1)
#define FDT_ROOT	0

struct fdt {
	const u8 *blob;
	const u8 *nodes;	/* structure block */
	const char *strings;
	u32 size;		/* bytes of the blob up to the end of both blocks */
	u32 nodes_size, strings_size;
	u32 boot_cpu;		/* physical id of the boot CPU, by the header */
};

/**
 * fdt_open() - look at a blob's header
 * @limit: bytes that may be read; the header may claim less
 *
 * Returns false, and a tree without nodes, if it is none.
 */
bool fdt_open(struct fdt *fdt, const void *blob, size_t limit);

/**
 * fdt_next() - the node behind @node in the tree's order, which is depth first
 * @depth: changed by the difference in depth; may be NULL
 */
int fdt_next(const struct fdt *fdt, int node, int *depth);

/**
 * fdt_name() - "memory@40000000"; the root's is ""
 */
const char *fdt_name(const struct fdt *fdt, int node);

/**
 * fdt_child() - the child with this name; without a unit address, any will do
 * @length: of @name
 */
int fdt_child(const struct fdt *fdt, int node, const char *name, size_t length);

/**
 * fdt_path() - the node at "/chosen", or at what an alias stands for: "serial0"
 *
 * What follows a ':' is not looked at.
 */
int fdt_path(const struct fdt *fdt, const char *path);

/**
 * fdt_console() - the node that /chosen names as standard output, or FDT_NONE
 */
int fdt_console(const struct fdt *fdt);

/**
 * fdt_compatible() - the next node that is compatible with @what
 * @after: FDT_NONE for the first one
 */
int fdt_compatible(const struct fdt *fdt, int after, const char *what);

/**
 * fdt_is_compatible() - is @what in its list?
 */
bool fdt_is_compatible(const struct fdt *fdt, int node, const char *what);

/**
 * fdt_parent() - the node that @node is in; the root is in none
 */
int fdt_parent(const struct fdt *fdt, int node);

/**
 * fdt_get() - a property's value, NULL if there is none
 * @size: set to its bytes, 0 if there is none
 */
const void *fdt_get(const struct fdt *fdt, int node, const char *name, u32 *size);

/**
 * fdt_text() - a property that is text, NULL if it is none
 */
const char *fdt_text(const struct fdt *fdt, int node, const char *name);

/**
 * fdt_number() - the @index-th number of a property
 * @cells: of 32 bits each, 1 or 2, in each number
 *
 * Returns false if there are not as many.
 */
bool fdt_number(const struct fdt *fdt, int node, const char *name, u32 index,
		u32 cells, u64 *value);

/**
 * fdt_reg() - the @index-th address range of a node's "reg"
 * @base, @size: set as the parent's #address-cells and #size-cells say
 *
 * Addresses are those of the parent: buses with a translation are not followed.
 */
bool fdt_reg(const struct fdt *fdt, int node, u32 index, u64 *base, u64 *size);

#endif
