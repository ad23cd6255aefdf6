/* SPDX-License-Identifier: BSD-2-Clause */
/* Device trees: big-endian cells, and names in a block of their own. */
#include "base/tree.h"

#include <endian.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TREE_MAGIC	0xd00dfeedu
#define TREE_VERSION	17
#define TREE_COMPATIBLE	16
#define TOKEN_OPEN	1
#define TOKEN_CLOSE	2
#define TOKEN_PROPERTY	3
#define TOKEN_END	9

struct header {
	uint32_t magic, size, nodes, strings, reserved, version, compatible, boot_cpu,
		strings_size, nodes_size;
};

static void cell(struct buf *to, uint32_t value)
{
	uint32_t big = htobe32(value);

	buf_add(to, &big, sizeof(big));
}

static void align(struct buf *to)
{
	while (to->length % 4)
		buf_add(to, "", 1);
}

void tree_open(struct tree *tree, const char *name)
{
	cell(&tree->nodes, TOKEN_OPEN);
	buf_add(&tree->nodes, name, strlen(name) + 1);
	align(&tree->nodes);
}

void tree_close(struct tree *tree)
{
	cell(&tree->nodes, TOKEN_CLOSE);
}

static uint32_t name_offset(struct tree *tree, const char *name)
{
	const char *begin = buf_text(&tree->strings);
	size_t at = 0;

	while (at < tree->strings.length && strcmp(begin + at, name))
		at += strlen(begin + at) + 1;
	if (at == tree->strings.length)
		buf_add(&tree->strings, name, strlen(name) + 1);
	return at;
}

void tree_bytes(struct tree *tree, const char *name, const void *bytes, size_t size)
{
	cell(&tree->nodes, TOKEN_PROPERTY);
	cell(&tree->nodes, size);
	cell(&tree->nodes, name_offset(tree, name));
	buf_add(&tree->nodes, bytes, size);
	align(&tree->nodes);
}

void tree_text(struct tree *tree, const char *name, const char *text)
{
	tree_bytes(tree, name, text, strlen(text) + 1);
}

void tree_flag(struct tree *tree, const char *name)
{
	tree_bytes(tree, name, "", 0);
}

void tree_cells(struct tree *tree, const char *name, unsigned int count, ...)
{
	struct buf cells = { 0 };
	va_list args;

	va_start(args, count);
	while (count--)
		cell(&cells, va_arg(args, unsigned int));
	va_end(args);
	tree_bytes(tree, name, buf_text(&cells), cells.length);
	buf_free(&cells);
}

void tree_region(struct tree *tree, unsigned int count, ...)
{
	struct buf cells = { 0 };
	va_list args;

	va_start(args, count);
	while (count--) {
		uint64_t value = va_arg(args, uint64_t);

		cell(&cells, value >> 32);
		cell(&cells, value);
	}
	va_end(args);
	tree_bytes(tree, "reg", buf_text(&cells), cells.length);
	buf_free(&cells);
}

void *tree_finish(struct tree *tree, size_t *size)
{
	static const uint64_t no_reservations[2];
	const size_t begin = sizeof(struct header) + sizeof(no_reservations);
	struct header header;
	struct buf blob = { 0 };

	cell(&tree->nodes, TOKEN_END);
	*size = begin + tree->nodes.length + tree->strings.length;
	header = (struct header){
		.magic = htobe32(TREE_MAGIC), .size = htobe32(*size),
		.nodes = htobe32(begin), .strings = htobe32(begin + tree->nodes.length),
		.reserved = htobe32(sizeof(struct header)),
		.version = htobe32(TREE_VERSION), .compatible = htobe32(TREE_COMPATIBLE),
		.strings_size = htobe32(tree->strings.length),
		.nodes_size = htobe32(tree->nodes.length),
	};
	buf_add(&blob, &header, sizeof(header));
	buf_add(&blob, no_reservations, sizeof(no_reservations));
	buf_add(&blob, buf_text(&tree->nodes), tree->nodes.length);
	buf_add(&blob, buf_text(&tree->strings), tree->strings.length);
	buf_free(&tree->nodes);
	buf_free(&tree->strings);
	return buf_take(&blob);
}
