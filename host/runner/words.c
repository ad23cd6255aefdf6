/* SPDX-License-Identifier: BSD-2-Clause */
/* Words as a shell would make them of a configuration value. */
#include "runner/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/settings.h"

static void words_own(struct words *words, char *word)
{
	/* Twice: the NULL at the end is an element too. */
	words->word = mem_grow(words->word, words->count, sizeof(*words->word));
	words->word[words->count++] = word;
	words->word = mem_grow(words->word, words->count, sizeof(*words->word));
	words->word[words->count] = NULL;
}

void words_add(struct words *words, const char *word)
{
	words_own(words, mem_copy(word));
}

void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i]);
	free(words->word);
	*words = (struct words){ 0 };
}

bool words_need_shell(const char *text)
{
	char quote = '\0';

	for (; *text; text++) {
		if (*text == '\\' && quote != '\'' && text[1])
			text++;
		else if (quote && *text == quote)
			quote = '\0';
		else if (!quote && (*text == '\'' || *text == '"'))
			quote = *text;
		else if (quote != '\'' && (*text == '`' || *text == '$'))
			return true;
		else if (!quote && (*text == '<' || *text == '>'))
			return true;
	}
	return false;
}

/* What a backslash protects inside double quotes. */
static bool escapes_in_quotes(char c)
{
	return c && strchr("$`\"\\", c);
}

bool words_split(struct words *words, const char *text)
{
	struct buf word = { 0 };
	bool inside = false;
	char quote = '\0';

	for (; *text; text++) {
		if (!quote && strchr(" \t\n\r", *text)) {
			if (inside)
				words_own(words, buf_take(&word));
			inside = false;
			continue;
		}
		inside = true;
		if (quote && *text == quote) {
			quote = '\0';
		} else if (!quote && (*text == '\'' || *text == '"')) {
			quote = *text;
		} else {
			if (*text == '\\' && text[1] &&
			    (!quote || (quote == '"' && escapes_in_quotes(text[1]))))
				text++;
			buf_add(&word, text, 1);
		}
	}
	if (inside)
		words_own(words, buf_take(&word));
	return !quote;
}

int shell_start(const char *script, const char *name, const struct settings *settings, int *out)
{
	int ends[2] = { -1, -1 };
	pid_t pid;

	if (out && pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid) {
		if (out) {
			close(ends[1]);
			if (pid < 0)
				close(ends[0]);
			*out = ends[0];
		}
		return pid;
	}
	if (settings)
		settings_export(settings);
	dup2(out ? ends[1] : open("/dev/null", O_WRONLY), STDOUT_FILENO);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	execlp("bash", "bash", "-c", script, name, (char *)NULL);
	execlp("sh", "sh", "-c", script, name, (char *)NULL);
	_exit(126);
}

static int shell_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool shell_true(const char *condition, const char *name, const struct settings *settings)
{
	pid_t pid = shell_start(condition, name, settings, NULL);

	return pid > 0 && shell_wait(pid) == 0;
}

/* The shell prints each word with a NUL behind it. */
static void take_words(struct words *words, int fd)
{
	struct buf all = { 0 };
	char chunk[4096];
	ssize_t got;
	size_t at = 0;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0 ||
	       (got < 0 && errno == EINTR))
		if (got > 0)
			buf_add(&all, chunk, got);
	buf_text(&all);
	while (at < all.length) {
		words_add(words, all.data + at);
		at += strlen(all.data + at) + 1;
	}
	buf_free(&all);
}

bool words_evaluate(struct words *words, const char *text,
		    const struct settings *settings, char *why, size_t size)
{
	struct buf script = { 0 };
	int fd, status;
	pid_t pid;

	if (!words_need_shell(text)) {
		if (words_split(words, text))
			return true;
		snprintf(why, size, "a quote is left open in: %s", text);
		return false;
	}
	buf_puts(&script, "words() { for w; do printf '%s\\0' \"$w\"; done; }; words ");
	for (const char *c = text; *c; c++)
		buf_add(&script, *c == '\n' ? " " : c, 1);
	pid = shell_start(buf_text(&script), text, settings, &fd);
	if (pid < 0) {
		snprintf(why, size, "cannot start a shell: %s", strerror(errno));
		buf_free(&script);
		return false;
	}
	take_words(words, fd);
	close(fd);
	status = shell_wait(pid);
	if (status)
		snprintf(why, size, "the shell failed on: %s",
			 strstr(buf_text(&script), "; words ") + strlen("; words "));
	buf_free(&script);
	return !status;
}

void word_quote(struct buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=,./:@%^";

	if (*word && word[strspn(word, plain)] == '\0') {
		buf_puts(out, word);
		return;
	}
	buf_puts(out, "'");
	for (; *word; word++)
		buf_puts(out, *word == '\'' ? "'\\''" : (char[]){ *word, '\0' });
	buf_puts(out, "'");
}

void words_quote(struct buf *out, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		buf_puts(out, " ");
		word_quote(out, words->word[i]);
	}
}

void words_line(struct buf *out, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		if (i)
			buf_puts(out, " ");
		word_quote(out, words->word[i]);
	}
}
