/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCLP's event facility as console: full-screen terminals take ASCII, and operating
 * system messages are for the operator's console, in lines of EBCDIC.
 */
#include <console.h>
#include <device.h>
#include <sclp.h>

#define HEADER		8	/* of an SCCB */
#define EVENT		6	/* of an event buffer */
#define TEXT_MAX	3800

/* A message's data block: one general object and one of text a line. */
#define MDB_TYPE	1
#define GO_TYPE		1
#define GO_SIZE		36
#define MTO_TYPE	4
#define MTO_SIZE	10
#define MTO_END_LINE	0x1000
#define LINE_MAX	120

static struct sccb sccb __attribute__((aligned(4096)));
static struct sccb input __attribute__((aligned(4096)));
static u32 sends;		/* what SCLP takes from us */
static u8 typed[256];
static unsigned int typed_at, typed_end;
static char operator_line[LINE_MAX];
static unsigned int operator_length;

static u8 *number_put(u8 *to, u64 value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		to[i] = value >> 8 * (bytes - 1 - i);
	return to + bytes;
}

/* Masks of 4 bytes: what we receive and send, then what SCLP does. */
void console_begin(void)
{
	u8 *at = sccb.data;

	memset(&sccb, 0, sizeof(sccb));
	sccb.length = HEADER + 4 + 4 * 4;
	at = number_put(at, 0, 2);
	at = number_put(at, 4, 2);
	at = number_put(at, SCLP_EVENT_MASK(SCLP_EVENT_ASCII), 4);
	number_put(at, SCLP_EVENT_MASK(SCLP_EVENT_ASCII) |
		   SCLP_EVENT_MASK(SCLP_EVENT_MESSAGE), 4);
	sends = SCLP_EVENT_MASK(SCLP_EVENT_ASCII);
	if (sclp_call(SCLP_WRITE_EVENT_MASK, &sccb) == SCLP_COMPLETION)
		sends = sclp_number(&sccb, HEADER + 4 + 8, 4);
}

static u8 *event_begin(unsigned int type, unsigned int size)
{
	memset(&sccb, 0, HEADER + EVENT);
	sccb.length = HEADER + EVENT + size;
	number_put(sccb.data, EVENT + size, 2);
	sccb.data[2] = type;
	return sccb.data + EVENT;
}

static void ascii_write(const char *text, size_t size)
{
	while (size) {
		size_t part = size < TEXT_MAX ? size : TEXT_MAX;

		memcpy(event_begin(SCLP_EVENT_ASCII, part), text, part);
		sclp_call(SCLP_WRITE_EVENT, &sccb);
		text += part;
		size -= part;
	}
}

/* EBCDIC 037 of ASCII from a blank on. */
static const u8 ebcdic[95] = {
	0x40, 0x5a, 0x7f, 0x7b, 0x5b, 0x6c, 0x50, 0x7d, 0x4d, 0x5d, 0x5c, 0x4e, 0x6b, 0x60,
	0x4b, 0x61, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0x7a, 0x5e,
	0x4c, 0x7e, 0x6e, 0x6f, 0x7c, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9,
	0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6,
	0xe7, 0xe8, 0xe9, 0xba, 0xe0, 0xbb, 0xb0, 0x6d, 0x79, 0x81, 0x82, 0x83, 0x84, 0x85,
	0x86, 0x87, 0x88, 0x89, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0xa2,
	0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xc0, 0x4f, 0xd0, 0xa1,
};

u8 to_ebcdic(char c)
{
	return c >= ' ' && c <= '~' ? ebcdic[c - ' '] : ebcdic[0];
}

char from_ebcdic(u8 code)
{
	for (unsigned int i = 0; i < sizeof(ebcdic); i++)
		if (ebcdic[i] == code)
			return ' ' + i;
	return '.';
}

static void operator_line_write(void)
{
	unsigned int mto = MTO_SIZE + operator_length, mdb = 12 + GO_SIZE + mto;
	u8 *at = event_begin(SCLP_EVENT_MESSAGE, mdb);

	at = number_put(at, mdb, 2);
	at = number_put(at, MDB_TYPE, 2);
	at = number_put(at, 0xd4c4c240, 4);		/* EBCDIC "MDB " */
	at = number_put(at, 1, 4);			/* revision */
	memset(at, 0, GO_SIZE);
	number_put(at, GO_SIZE, 2);
	number_put(at + 2, GO_TYPE, 2);
	at += GO_SIZE;
	at = number_put(at, mto, 2);
	at = number_put(at, MTO_TYPE, 2);
	at = number_put(at, MTO_END_LINE, 2);
	at = number_put(at, 0, 4);
	for (unsigned int i = 0; i < operator_length; i++)
		*at++ = to_ebcdic(operator_line[i]);
	sclp_call(SCLP_WRITE_EVENT, &sccb);
	operator_length = 0;
}

static void operator_write(const char *text, size_t size)
{
	for (; size; size--, text++) {
		if (*text != '\n')
			operator_line[operator_length++] = *text;
		if (*text == '\n' || operator_length == LINE_MAX)
			operator_line_write();
	}
}

void console_write(const char *text, size_t size)
{
	if (!sends)
		console_begin();
	if (sends & SCLP_EVENT_MASK(SCLP_EVENT_ASCII))
		ascii_write(text, size);
	if (sends & SCLP_EVENT_MASK(SCLP_EVENT_MESSAGE))
		operator_write(text, size);
}

/* The ASCII terminal's event: one byte that says that data follow, and they. */
static void input_read(void)
{
	unsigned int size, at = HEADER + EVENT + 1;

	memset(&input, 0, sizeof(input));
	input.length = sizeof(input);
	typed_at = typed_end = 0;
	if (sclp_call(SCLP_READ_EVENT, &input) != SCLP_COMPLETION ||
	    SCCB_BYTE(&input, HEADER + 2) != SCLP_EVENT_ASCII)
		return;
	size = HEADER + sclp_number(&input, HEADER, 2);
	while (at < size && typed_end < sizeof(typed))
		typed[typed_end++] = SCCB_BYTE(&input, at++);
}

int console_read(void)
{
	if (!sends)
		console_begin();
	if (typed_at == typed_end)
		input_read();
	return typed_at < typed_end ? typed[typed_at++] : -1;
}
