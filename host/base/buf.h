/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that grows as needed.  Running out of it ends the process. */
#ifndef HOST_BASE_BUF_H
#define HOST_BASE_BUF_H

#include <stddef.h>

/* Bytes that grow; all zero is an empty one. */
struct buf {
	char *data;
	size_t length;		/* bytes used */
	size_t capacity;	/* bytes allocated */
};

/**
 * buf_add() - append bytes
 * @buf: where
 * @bytes: what
 * @size: how many
 */
void buf_add(struct buf *buf, const void *bytes, size_t size);

/**
 * buf_puts() - append a string
 * @buf: where
 * @text: terminated
 */
void buf_puts(struct buf *buf, const char *text);

/**
 * buf_printf() - append formatted text
 * @buf: where
 * @format: printf()'s
 */
void buf_printf(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * buf_text() - the contents as a string
 * @buf: which
 *
 * Returns a terminated string that is good until @buf changes.
 */
const char *buf_text(struct buf *buf);

/**
 * buf_take() - the contents as a string that the caller frees; empties @buf
 * @buf: which
 */
char *buf_take(struct buf *buf);

/**
 * buf_free() - give the memory back; @buf is empty then
 * @buf: which
 */
void buf_free(struct buf *buf);

/**
 * mem_new() - memory filled with zeros, never NULL
 * @size: bytes, 0 too
 */
void *mem_new(size_t size);

/**
 * mem_grow() - make room for one more element of an array
 * @array: as returned before, or NULL
 * @count: elements in use
 * @size: bytes of an element
 *
 * Returns the array, in which element @count may be used.
 */
void *mem_grow(void *array, size_t count, size_t size);

/**
 * mem_text() - a copy of a stretch of text, terminated
 * @text: what
 * @length: bytes
 */
char *mem_text(const char *text, size_t length);

/**
 * mem_copy() - a copy of a string
 * @text: terminated, or NULL, which gives NULL
 */
char *mem_copy(const char *text);

#endif
