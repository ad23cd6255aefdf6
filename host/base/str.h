/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in fixed buffers, and words of text. */
#ifndef HOST_BASE_STR_H
#define HOST_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string that grows up to the buffer's end and is always terminated. */
struct str {
	char *text;
	size_t size;		/* bytes of the buffer */
	size_t length;		/* bytes of text, without the NUL */
	bool cut;		/* something did not fit */
};

/**
 * str_on() - begin an empty string in a buffer
 * @buffer: where it lives
 * @size: bytes at @buffer, at least 1
 */
struct str str_on(char *buffer, size_t size);

/**
 * str_add() - append formatted text; what does not fit is cut off
 * @str: from str_on()
 * @format: printf()'s
 *
 * Returns false if the string has been cut, now or before.
 */
bool str_add(struct str *str, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * str_add_bytes() - append bytes as they are; what does not fit is cut off
 * @str: from str_on()
 * @bytes: without NULs
 * @size: bytes at @bytes
 *
 * Returns false if the string has been cut, now or before.
 */
bool str_add_bytes(struct str *str, const char *bytes, size_t size);

/**
 * str_word() - the next word of a text
 * @cursor: where to go on; moved behind the word
 * @separators: characters between words; runs of them count as one
 * @length: set to the word's bytes
 *
 * Returns the word, which is not terminated, or NULL when none is left.
 */
const char *str_word(const char **cursor, const char *separators,
		     size_t *length);

/**
 * str_same() - is this stretch of text that string?
 * @text: not terminated
 * @length: bytes at @text
 * @string: terminated
 */
bool str_same(const char *text, size_t length, const char *string);

/**
 * str_bytes() - a size as QEMU's -m takes it
 * @text: "256", in MiB, or "256M", "2g": with k, m, g or t in either case
 * @bytes: set to the size
 *
 * Returns false if @text is no such thing, zero, or too large for 64 bits.
 */
bool str_bytes(const char *text, uint64_t *bytes);

/**
 * str_nearest() - is @name a likelier misspelling than the best so far?
 * @word: what was written
 * @length: bytes at @word
 * @name: a name that would have been right, under 64 bytes
 * @best: the lowest distance so far; begin with length / 2 + 1
 *
 * Returns true, and lowers @best, if the number of letters to change, add or
 * drop from @word to @name is lower than @best.
 */
bool str_nearest(const char *word, size_t length, const char *name,
		 size_t *best);

#endif
