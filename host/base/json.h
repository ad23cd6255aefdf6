/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON as it is written, for the VMM, which links no library: values appear in the
 * order of the calls, and commas by themselves.
 */
#ifndef HOST_BASE_JSON_H
#define HOST_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json_out {
	struct buf *to;
	bool more;		/* a value came before in this object or array */
};

/**
 * json_open(), json_close() - an object or an array
 * @json: where; begin with { .to = … }
 * @name: of the member, or NULL in an array and at the top
 * @bracket: '{' or '['; '}' or ']'
 */
void json_open(struct json_out *json, const char *name, char bracket);
void json_close(struct json_out *json, char bracket);

/**
 * json_number(), json_hex(), json_text(), json_bool() - a value
 * @json: where
 * @name: of the member, or NULL in an array
 * @value: a number in decimal; a number as string "0x…", for whoever reads numbers
 *	as doubles; a terminated string or NULL for null; true or false
 */
void json_number(struct json_out *json, const char *name, uint64_t value);
void json_hex(struct json_out *json, const char *name, uint64_t value);
void json_text(struct json_out *json, const char *name, const char *value);
void json_bool(struct json_out *json, const char *name, bool value);

#endif
