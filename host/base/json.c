/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON as it is written. */
#include "base/json.h"

/* Bytes that are no UTF-8 become one replacement character each. */
static unsigned int utf8_length(const unsigned char *at)
{
	unsigned int n = *at < 0x80 ? 1 : *at >= 0xc2 && *at < 0xe0 ? 2 :
		(*at & 0xf0) == 0xe0 ? 3 : *at >= 0xf0 && *at < 0xf5 ? 4 : 0;

	for (unsigned int i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and what is beyond the last plane. */
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
	    (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
		return 0;
	return n;
}

static void quoted(struct buf *to, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	buf_puts(to, "\"");
	while (*at) {
		unsigned int n = utf8_length(at);

		if (*at == '"' || *at == '\\')
			buf_printf(to, "\\%c", *at);
		else if (*at < 0x20)
			buf_printf(to, "\\u%04x", *at);
		else if (n)
			buf_add(to, at, n);
		else
			buf_puts(to, "\xef\xbf\xbd");
		at += n ? n : 1;
	}
	buf_puts(to, "\"");
}

static void begin(struct json_out *json, const char *name)
{
	if (json->more)
		buf_puts(json->to, ",");
	json->more = true;
	if (name) {
		quoted(json->to, name);
		buf_puts(json->to, ":");
	}
}

void json_open(struct json_out *json, const char *name, char bracket)
{
	begin(json, name);
	buf_add(json->to, &bracket, 1);
	json->more = false;
}

void json_close(struct json_out *json, char bracket)
{
	buf_add(json->to, &bracket, 1);
	json->more = true;
}

void json_number(struct json_out *json, const char *name, uint64_t value)
{
	begin(json, name);
	buf_printf(json->to, "%llu", (unsigned long long)value);
}

void json_hex(struct json_out *json, const char *name, uint64_t value)
{
	begin(json, name);
	buf_printf(json->to, "\"%#llx\"", (unsigned long long)value);
}

void json_text(struct json_out *json, const char *name, const char *value)
{
	begin(json, name);
	if (value)
		quoted(json->to, value);
	else
		buf_puts(json->to, "null");
}

void json_bool(struct json_out *json, const char *name, bool value)
{
	begin(json, name);
	buf_puts(json->to, value ? "true" : "false");
}
