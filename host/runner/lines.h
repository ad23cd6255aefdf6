/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes to lines, and what a line says. */
#ifndef HOST_RUNNER_LINES_H
#define HOST_RUNNER_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/verdict.h"
#include "base/buf.h"

#define LINE_MAX_BYTES	65536	/* a longer line is taken for several */

/* Bytes that await the end of their line; all zero is none. */
struct lines {
	struct buf partial;
};

/**
 * lines_feed() - take bytes, and tell of each line that they end
 * @lines: keeps the rest
 * @bytes: what came
 * @size: bytes at @bytes
 * @line: told each line, without its newline, terminated
 * @context: passed to @line
 */
void lines_feed(struct lines *lines, const char *bytes, size_t size,
		void (*line)(void *context, char *text, size_t length), void *context);

/**
 * lines_flush() - tell of the rest, if any, as of a line
 * @lines: empty then
 * @line: as for lines_feed()
 * @context: passed to @line
 */
void lines_flush(struct lines *lines,
		 void (*line)(void *context, char *text, size_t length), void *context);

/**
 * result_name() - the word of a result: "PASS"
 * @result: which
 */
const char *result_name(enum abi_result result);

/**
 * line_result() - is a line a result?
 * @text: the line
 * @result: set to which
 *
 * Returns what the result is of, behind "WORD: ", or NULL.
 */
const char *line_result(const char *text, enum abi_result *result);

/**
 * line_after() - what stands behind a prefix
 * @text: the line
 * @prefix: "SUMMARY: "
 *
 * Returns the rest of the line, or NULL if it does not begin so.
 */
const char *line_after(const char *text, const char *prefix);

/**
 * line_status() - the status that an image leaves with, by the line that says so
 * @text: the line: "EXIT: STATUS=3", or "--- DONE: 1 ---" for the code alone
 *
 * Returns it, as a debug-exit device would make it of the code; -1 if the line
 * says nothing of it.
 */
int line_status(const char *text);

/**
 * utf8_add() - append text, with U+FFFD for each byte that is not UTF-8
 * @out: where
 * @text: what; NULs become U+FFFD too
 * @size: bytes at @text
 */
void utf8_add(struct buf *out, const char *text, size_t size);

#endif
