/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that grows as needed. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

static void buf_reserve(struct buf *buf, size_t more)
{
	size_t capacity = buf->capacity ? buf->capacity : 64;

	/* One byte beyond what is used, for buf_text()'s NUL. */
	while (capacity - buf->length <= more)
		capacity *= 2;
	if (capacity == buf->capacity)
		return;
	buf->data = realloc(buf->data, capacity);
	if (!buf->data)
		die("out of memory: %zu bytes wanted", capacity);
	buf->capacity = capacity;
}

void buf_add(struct buf *buf, const void *bytes, size_t size)
{
	buf_reserve(buf, size);
	if (size)
		memcpy(buf->data + buf->length, bytes, size);
	buf->length += size;
}

void buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		die("cannot format '%s'", format);
	buf_reserve(buf, length);
	va_start(arguments, format);
	vsnprintf(buf->data + buf->length, length + 1, format, arguments);
	va_end(arguments);
	buf->length += length;
}

const char *buf_text(struct buf *buf)
{
	buf_reserve(buf, 0);
	buf->data[buf->length] = '\0';
	return buf->data;
}

char *buf_take(struct buf *buf)
{
	char *text;

	buf_text(buf);
	text = buf->data;
	*buf = (struct buf){ 0 };
	return text;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

void *mem_new(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		die("out of memory: %zu bytes wanted", size);
	return memory;
}

void *mem_grow(void *array, size_t count, size_t size)
{
	/* Full at each power of two, and at 0. */
	if (count & (count - 1))
		return array;
	array = realloc(array, (count ? count * 2 : 1) * size);
	if (!array)
		die("out of memory: %zu elements of %zu bytes wanted", count * 2, size);
	return array;
}

char *mem_text(const char *text, size_t length)
{
	char *copy = mem_new(length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *mem_copy(const char *text)
{
	return text ? mem_text(text, strlen(text)) : NULL;
}
