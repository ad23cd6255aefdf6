/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words as a shell would make them of a configuration value.  Values are
 * written for a shell; most contain nothing but words and quotes and are split
 * here without starting one.
 */
#ifndef HOST_RUNNER_WORDS_H
#define HOST_RUNNER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct settings;

/* A list of words; word[count] is NULL once there is any. */
struct words {
	char **word;
	size_t count;
};

/**
 * words_add() - append a copy of a word
 * @words: where
 * @word: terminated
 */
void words_add(struct words *words, const char *word);

/**
 * words_free() - give the words back; the list is empty then
 * @words: which
 */
void words_free(struct words *words);

/**
 * words_need_shell() - can only a shell evaluate this text?
 * @text: a configuration value
 *
 * Returns true if it has a backquote, a dollar sign or a redirection that no
 * quote protects.
 */
bool words_need_shell(const char *text);

/**
 * words_split() - append a text's words: blanks separate, quotes and
 * backslashes protect, as in a shell
 * @words: where
 * @text: a configuration value
 *
 * Returns false if a quote is left open; the words are appended all the same.
 */
bool words_split(struct words *words, const char *text);

/**
 * words_evaluate() - append a text's words, by a shell where one is needed
 * @words: where
 * @text: a configuration value
 * @settings: variables that the shell sees, or NULL
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 *
 * Returns false if the text cannot be evaluated.
 */
bool words_evaluate(struct words *words, const char *text,
		    const struct settings *settings, char *why, size_t size);

/**
 * words_quote() - append the words as a line for a shell
 * @out: where
 * @words: what; a blank is put in front of each
 */
void words_quote(struct buf *out, const struct words *words);

/**
 * words_line() - append the words as a command, beginning with the first
 * @out: where
 * @words: what, at least one
 */
void words_line(struct buf *out, const struct words *words);

/**
 * word_quote() - append one word, quoted if a shell would change it
 * @out: where
 * @word: terminated
 */
void word_quote(struct buf *out, const char *word);

/**
 * shell_start() - start a shell in a child
 * @script: what it runs
 * @name: in front of what it complains of, on standard error
 * @settings: variables that it sees besides the environment, or NULL
 * @out: set to a descriptor that reads its standard output; NULL to discard it
 *
 * Returns its process id, or -1 with errno set.
 */
int shell_start(const char *script, const char *name, const struct settings *settings, int *out);

/**
 * shell_true() - is a condition true in a shell?
 * @condition: shell text
 * @name: in front of what the shell complains of, on standard error
 * @settings: variables that it sees
 */
bool shell_true(const char *condition, const char *name, const struct settings *settings);

#endif
