/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes to lines, and what a line says. */
#include "runner/lines.h"

#include <stdlib.h>
#include <string.h>

void lines_flush(struct lines *lines,
		 void (*line)(void *context, char *text, size_t length), void *context)
{
	struct buf whole = lines->partial;

	lines->partial = (struct buf){ 0 };
	if (whole.length) {
		buf_text(&whole);
		line(context, whole.data, whole.length);
	}
	buf_free(&whole);
}

void lines_feed(struct lines *lines, const char *bytes, size_t size,
		void (*line)(void *context, char *text, size_t length), void *context)
{
	while (size) {
		const char *newline = memchr(bytes, '\n', size);
		size_t room = LINE_MAX_BYTES - lines->partial.length;
		size_t part = newline ? (size_t)(newline - bytes) : size;
		bool ended = newline;

		if (part > room) {
			part = room;
			ended = false;
		}
		buf_add(&lines->partial, bytes, part);
		bytes += part + ended;
		size -= part + ended;
		if (ended && !lines->partial.length) {
			char empty[1] = "";

			line(context, empty, 0);
		} else if (ended || lines->partial.length == LINE_MAX_BYTES) {
			lines_flush(lines, line, context);
		}
	}
}

const char *result_name(enum abi_result result)
{
	static const char *const names[] = {
#define RESULT_NAME(name) #name,
		ABI_RESULTS(RESULT_NAME)
#undef RESULT_NAME
	};

	return names[result];
}

const char *line_after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) ? NULL : text + length;
}

const char *line_result(const char *text, enum abi_result *result)
{
	for (int i = 0; i < ABI_RESULT_COUNT; i++) {
		const char *rest = line_after(text, result_name(i));

		if (rest && rest[0] == ':' && rest[1] == ' ') {
			*result = i;
			return rest + 2;
		}
	}
	return NULL;
}

int line_status(const char *text)
{
	const char *number = line_after(text, "EXIT: STATUS=");
	bool is_status = number;
	unsigned long value;
	char *end;

	if (!number)
		number = line_after(text, "--- DONE: ");
	if (!number || *number < '0' || *number > '9')
		return -1;
	value = strtoul(number, &end, 10);
	if (value > 255 || strcmp(end, is_status ? "" : " ---"))
		return -1;
	return is_status ? value : (value << 1 | 1) & 0xff;
}

/* Bytes of the well-formed character at @text, 0 if there is none. */
static size_t utf8_length(const unsigned char *text, size_t size)
{
	unsigned char c = text[0];
	size_t length = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 :
			c < 0xf5 ? 4 : 0;

	if (!c || !length || length > size)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
	if ((c == 0xe0 && text[1] < 0xa0) || (c == 0xed && text[1] > 0x9f) ||
	    (c == 0xf0 && text[1] < 0x90) || (c == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

void utf8_add(struct buf *out, const char *text, size_t size)
{
	size_t good = 0;

	while (good < size) {
		size_t length = utf8_length((const unsigned char *)text + good, size - good);

		if (length) {
			good += length;
			continue;
		}
		buf_add(out, text, good);
		buf_puts(out, "\xef\xbf\xbd");
		text += good + 1;
		size -= good + 1;
		good = 0;
	}
	buf_add(out, text, size);
}
