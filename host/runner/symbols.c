/* SPDX-License-Identifier: BSD-2-Clause */
/* A stack line's addresses as functions and source lines. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "runner/job.h"
#include "runner/session.h"

#define MAX_FRAMES	20

/* The file with symbols: NAME.elf beside NAME.flat, else the image. */
static char *symbols_file(const struct job *job)
{
	const char *dot = strrchr(job->image, '.');
	struct buf path = { 0 };

	buf_printf(&path, "%.*s.elf", dot ? (int)(dot - job->image) : (int)strlen(job->image),
		   job->image);
	if (access(buf_text(&path), R_OK)) {
		path.length = 0;
		buf_puts(&path, job->image);
	}
	return buf_take(&path);
}

/* The line that a frame names, marked between its neighbours. */
static void source_show(struct job *job, const char *frame)
{
	const char *at = strstr(frame, " at "), *colon;
	unsigned long wanted, number = 0;
	char *path, *text, *rest, *line;
	size_t size;

	if (!at)
		return;
	at += strlen(" at ");
	colon = strchr(at, ':');
	wanted = colon ? strtoul(colon + 1, NULL, 10) : 0;
	if (!wanted)
		return;
	path = mem_text(at, colon - at);
	text = file_read(path, &size);
	rest = text;
	while (text && number <= wanted && (line = strsep(&rest, "\n")))
		if (++number + 1 >= wanted && number <= wanted + 1)
			job_say(job, "%s%s", number == wanted ? "      > " : "        ", line);
	free(text);
	free(path);
}

static void frames_show(struct job *job, char *answer)
{
	char *line;

	while ((line = strsep(&answer, "\n"))) {
		if (!*line)
			continue;
		/* addr2line pads addresses to their full width. */
		if (!strncmp(line, "0x", 2)) {
			char *digits = line + 2;

			while (*digits == '0' && isxdigit((unsigned char)digits[1]))
				digits++;
			job_say(job, "0x%s", digits);
		} else {
			job_say(job, "%s", line);
		}
		source_show(job, line);
	}
}

void symbols_show(struct job *job, const char *stack)
{
	const struct settings *config = &job->session->config;
	const char *wanted = settings_get(config, "PRETTY_PRINT_STACKS", "no"), *word;
	struct buf script = { 0 }, answer = { 0 };
	char *file = symbols_file(job), chunk[4096];
	size_t length, frames = 0;
	ssize_t got;
	pid_t pid;
	int fd;

	word_quote(&script, settings_get(config, "ADDR2LINE", "addr2line"));
	buf_puts(&script, " -e ");
	word_quote(&script, file);
	buf_puts(&script, " -i -f -p -a");
	while ((word = str_word(&stack, " \t\r", &length)) && frames < MAX_FRAMES) {
		/* All but the first are return addresses: the call is before. */
		bool exact = *word == '@';
		unsigned long long address = strtoull(word + exact, NULL, 16);

		buf_printf(&script, " 0x%llx", address - !exact);
		frames++;
	}
	buf_puts(&script, " 2>/dev/null");
	pid = frames && !strcmp(wanted, "yes") ? shell_start(buf_text(&script), NULL, &fd) : -1;
	if (pid > 0) {
		while ((got = read(fd, chunk, sizeof(chunk))) > 0)
			buf_add(&answer, chunk, got);
		close(fd);
		waitpid(pid, NULL, 0);
		buf_text(&answer);
		frames_show(job, answer.data);
	}
	buf_free(&script);
	buf_free(&answer);
	free(file);
}
