/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk over tokens; nothing is remembered, as trees are small. */
#include <fdt.h>

#define FDT_MAGIC		0xd00dfeedu
#define FDT_COMPATIBLE_WITH	16
#define FDT_HEADER_SIZE		40

/* Tokens of the structure block (5.4.1). */
#define FDT_BEGIN_NODE	1
#define FDT_END_NODE	2
#define FDT_PROP	3
#define FDT_NOP		4
#define FDT_END		9

#define MAX_CELLS	2

/* All numbers are big-endian, and may lie at any address. */
static u32 be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

bool fdt_open(struct fdt *fdt, const void *blob, size_t limit)
{
	const u8 *header = blob;
	u32 total, nodes, strings;

	*fdt = (struct fdt){ 0 };
	if (!blob || limit < FDT_HEADER_SIZE || be32(header) != FDT_MAGIC ||
	    be32(header + 20) < FDT_COMPATIBLE_WITH ||
	    be32(header + 24) > FDT_COMPATIBLE_WITH + 1)
		return false;
	total = be32(header + 4);
	nodes = be32(header + 8);
	strings = be32(header + 12);
	if (total > limit)
		total = limit;
	/* Version 16 has no size of the structure block. */
	fdt->nodes_size = be32(header + 20) >= 17 ? be32(header + 36) :
		strings > nodes ? strings - nodes : 0;
	fdt->strings_size = be32(header + 32);
	if (nodes > total || fdt->nodes_size > total - nodes || nodes % 4 ||
	    strings > total || fdt->strings_size > total - strings) {
		*fdt = (struct fdt){ 0 };
		return false;
	}
	fdt->blob = blob;
	fdt->nodes = header + nodes;
	fdt->strings = (const char *)blob + strings;
	fdt->size = nodes + fdt->nodes_size;
	if (strings + fdt->strings_size > fdt->size)
		fdt->size = strings + fdt->strings_size;
	fdt->boot_cpu = be32(header + 28);
	return true;
}

/* Is there text that ends, at this offset of the structure block? */
static bool text_ends(const struct fdt *fdt, u32 at)
{
	while (at < fdt->nodes_size)
		if (!fdt->nodes[at++])
			return true;
	return false;
}

/* The token at @at, FDT_END if there is none; @next: offset behind it. */
static u32 token(const struct fdt *fdt, u32 at, u32 *next)
{
	u32 type, size;

	*next = at;
	if (fdt->nodes_size < 4 || at > fdt->nodes_size - 4)
		return FDT_END;
	type = be32(fdt->nodes + at);
	at += 4;
	switch (type) {
	case FDT_BEGIN_NODE:
		if (!text_ends(fdt, at))
			return FDT_END;
		at += strlen((const char *)fdt->nodes + at) + 1;
		break;
	case FDT_PROP:
		if (fdt->nodes_size - at < 8)
			return FDT_END;
		size = be32(fdt->nodes + at);
		at += 8;
		if (size > fdt->nodes_size - at)
			return FDT_END;
		at += size;
		break;
	case FDT_END_NODE:
	case FDT_NOP:
		break;
	default:
		return FDT_END;
	}
	*next = ALIGN_UP(at, 4);
	return type;
}

int fdt_next(const struct fdt *fdt, int node, int *depth)
{
	u32 at = node, next;
	int moved = 0;

	if (node < 0 || token(fdt, at, &next) != FDT_BEGIN_NODE)
		return FDT_NONE;
	moved = 1;
	for (at = next;; at = next) {
		switch (token(fdt, at, &next)) {
		case FDT_BEGIN_NODE:
			if (depth)
				*depth += moved;
			return at;
		case FDT_END_NODE:
			moved--;
			break;
		case FDT_END:
			return FDT_NONE;
		}
	}
}

const char *fdt_name(const struct fdt *fdt, int node)
{
	u32 next;

	if (node < 0 || token(fdt, node, &next) != FDT_BEGIN_NODE)
		return "";
	return (const char *)fdt->nodes + node + 4;
}

int fdt_child(const struct fdt *fdt, int node, const char *name, size_t length)
{
	int depth = 0, child = node;

	while ((child = fdt_next(fdt, child, &depth)) != FDT_NONE && depth > 0) {
		const char *is = fdt_name(fdt, child);

		if (depth == 1 && !strncmp(is, name, length) &&
		    (!is[length] || is[length] == '@'))
			return child;
	}
	return FDT_NONE;
}

int fdt_path(const struct fdt *fdt, const char *path)
{
	int node = FDT_ROOT;
	size_t length;

	if (*path != '/') {
		char alias[32];

		for (length = 0; path[length] && path[length] != ':';)
			length++;
		if (length >= sizeof(alias))
			return FDT_NONE;
		memcpy(alias, path, length);
		alias[length] = 0;
		path = fdt_text(fdt, fdt_path(fdt, "/aliases"), alias);
		if (!path || *path != '/')
			return FDT_NONE;
	}
	while (node != FDT_NONE) {
		while (*path == '/')
			path++;
		for (length = 0; path[length] && path[length] != '/' &&
		     path[length] != ':';)
			length++;
		if (!length)
			break;
		node = fdt_child(fdt, node, path, length);
		path += length;
	}
	return node;
}

int fdt_console(const struct fdt *fdt)
{
	const char *path = fdt_text(fdt, fdt_path(fdt, "/chosen"), "stdout-path");

	return path ? fdt_path(fdt, path) : FDT_NONE;
}

int fdt_parent(const struct fdt *fdt, int node)
{
	int depth = 0, wanted = -1, at = FDT_ROOT;

	/* Its depth first, then the last node before it that is one above. */
	while (at != FDT_NONE && at != node)
		at = fdt_next(fdt, at, &depth);
	if (at == FDT_NONE || !depth)
		return FDT_NONE;
	wanted = depth - 1;
	depth = 0;
	for (int one = FDT_ROOT, found = FDT_NONE;; one = fdt_next(fdt, one, &depth)) {
		if (one == node)
			return found;
		if (depth == wanted)
			found = one;
	}
}

const void *fdt_get(const struct fdt *fdt, int node, const char *name, u32 *size)
{
	u32 at, next, type, where;

	*size = 0;
	if (node < 0 || token(fdt, node, &next) != FDT_BEGIN_NODE)
		return NULL;
	/* Properties come before all children. */
	for (at = next; (type = token(fdt, at, &next)) == FDT_PROP ||
	     type == FDT_NOP; at = next) {
		if (type == FDT_NOP)
			continue;
		where = be32(fdt->nodes + at + 8);
		if (where >= fdt->strings_size ||
		    fdt->strings_size - where <= strlen(name) ||
		    memcmp(fdt->strings + where, name, strlen(name) + 1))
			continue;
		*size = be32(fdt->nodes + at + 4);
		return fdt->nodes + at + 12;
	}
	return NULL;
}

const char *fdt_text(const struct fdt *fdt, int node, const char *name)
{
	u32 size;
	const char *text = fdt_get(fdt, node, name, &size);

	return text && size && !text[size - 1] ? text : NULL;
}

bool fdt_is_compatible(const struct fdt *fdt, int node, const char *what)
{
	u32 size;
	const char *list = fdt_get(fdt, node, "compatible", &size);
	const char *end = list + size;

	if (!size || end[-1])
		return false;
	for (; list < end; list += strlen(list) + 1)
		if (!strcmp(list, what))
			return true;
	return false;
}

int fdt_compatible(const struct fdt *fdt, int after, const char *what)
{
	int node = after == FDT_NONE ? FDT_ROOT : fdt_next(fdt, after, NULL);

	for (; node != FDT_NONE; node = fdt_next(fdt, node, NULL))
		if (fdt_is_compatible(fdt, node, what))
			break;
	return node;
}

static u64 cells_read(const u8 *p, u32 cells)
{
	return cells > 1 ? (u64)be32(p) << 32 | be32(p + 4) :
		cells ? be32(p) : 0;
}

bool fdt_number(const struct fdt *fdt, int node, const char *name, u32 index,
		u32 cells, u64 *value)
{
	u32 size;
	const u8 *p = fdt_get(fdt, node, name, &size);

	if (!p || !cells || cells > MAX_CELLS || index >= size / (4 * cells))
		return false;
	*value = cells_read(p + 4 * cells * index, cells);
	return true;
}

bool fdt_reg(const struct fdt *fdt, int node, u32 index, u64 *base, u64 *size)
{
	u64 base_cells = 2, size_cells = 1;	/* where the parent is silent (2.3.5) */
	int parent = fdt_parent(fdt, node);
	u32 bytes, one;
	const u8 *p = fdt_get(fdt, node, "reg", &bytes);

	fdt_number(fdt, parent, "#address-cells", 0, 1, &base_cells);
	fdt_number(fdt, parent, "#size-cells", 0, 1, &size_cells);
	if (!p || !base_cells || base_cells > MAX_CELLS || size_cells > MAX_CELLS)
		return false;
	one = 4 * (base_cells + size_cells);
	if (index >= bytes / one)
		return false;
	*base = cells_read(p + index * one, base_cells);
	*size = cells_read(p + index * one + 4 * base_cells, size_cells);
	return true;
}
