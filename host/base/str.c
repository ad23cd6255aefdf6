/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in fixed buffers, and words of text. */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct str str_on(char *buffer, size_t size)
{
	buffer[0] = '\0';
	return (struct str){ .text = buffer, .size = size };
}

bool str_add(struct str *str, const char *format, ...)
{
	size_t room = str->size - str->length;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(str->text + str->length, room, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= room) {
		str->length = strlen(str->text);
		str->cut = true;
	} else {
		str->length += (size_t)length;
	}
	return !str->cut;
}

bool str_add_bytes(struct str *str, const char *bytes, size_t size)
{
	size_t room = str->size - str->length - 1;

	if (size > room) {
		size = room;
		str->cut = true;
	}
	memcpy(str->text + str->length, bytes, size);
	str->length += size;
	str->text[str->length] = '\0';
	return !str->cut;
}

const char *str_word(const char **cursor, const char *separators,
		     size_t *length)
{
	const char *word = *cursor + strspn(*cursor, separators);

	*length = strcspn(word, separators);
	*cursor = word + *length;
	return *length ? word : NULL;
}

bool str_same(const char *text, size_t length, const char *string)
{
	/* @text may have a NUL anywhere. */
	return strlen(string) == length && !memcmp(text, string, length);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

bool str_bytes(const char *text, uint64_t *bytes)
{
	static const char units[] = "kmgt";
	const char *unit;
	int shift = 20;
	char *end;

	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (end == text || *text < '0' || *text > '9' || errno)
		return false;
	if (*end) {
		unit = strchr(units, *end | 0x20);
		if (!unit || end[1])
			return false;
		shift = 10 * (unit - units + 1);
	}
	if (!*bytes || *bytes > UINT64_MAX >> shift)
		return false;
	*bytes <<= shift;
	return true;
}

bool str_nearest(const char *word, size_t length, const char *name,
		 size_t *best)
{
	size_t columns = strlen(name), row[64], i, j;

	if (columns >= sizeof(row) / sizeof(row[0]))
		return false;
	/* Levenshtein's distance, one row of the table at a time. */
	for (j = 0; j <= columns; j++)
		row[j] = j;
	for (i = 0; i < length; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (j = 0; j < columns; j++) {
			size_t change = diagonal + (word[i] != name[j]);

			diagonal = row[j + 1];
			row[j + 1] = least(change,
					   least(row[j], diagonal) + 1);
		}
	}
	if (row[columns] >= *best)
		return false;
	*best = row[columns];
	return true;
}
