/* SPDX-License-Identifier: BSD-2-Clause */
/* A stack line's addresses as functions and source lines. */
#include "base/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "runner/job.h"
#include "runner/session.h"

#define MAX_FRAMES	20
#define MAX_INLINED	16

struct symbols *job_symbols(struct job *job)
{
	if (!job->symbols_sought) {
		job->symbols_sought = true;
		job->symbols = symbols_open(job->image);
	}
	return job->symbols;
}

/* The line that a frame names, marked between its neighbours. */
static void source_show(struct job *job, const struct symbol *place)
{
	char *text, *rest, *line;
	unsigned long number = 0;
	size_t size;

	if (!place->file || !place->line)
		return;
	text = file_read(place->file, &size);
	rest = text;
	while (text && number <= place->line && (line = strsep(&rest, "\n")))
		if (++number + 1 >= place->line && number <= place->line + 1)
			job_say(job, "%s%s", number == place->line ? "      > " : "        ", line);
	free(text);
}

/* The lines that addr2line -i -f -p -a prints of an address. */
static void frame_show(struct job *job, unsigned long long address)
{
	struct symbol places[MAX_INLINED] = { 0 };
	unsigned int n = symbols_at(job_symbols(job), address, places, MAX_INLINED);

	for (unsigned int i = 0; i < n || !i; i++) {
		const struct symbol *p = &places[i];
		const char *function = p->function ? p->function : "??";
		char head[32];
		struct str begin = str_on(head, sizeof(head));

		if (i)
			str_add(&begin, " (inlined by) ");
		else
			str_add(&begin, "0x%llx: ", address);
		if (p->file)
			job_say(job, "%s%s at %s:%u", head, function, p->file, p->line);
		else if (n)
			job_say(job, "%s%s+%#llx", head, function, (unsigned long long)p->offset);
		else
			job_say(job, "%s?? ??:0", head);
		source_show(job, p);
	}
}

void symbols_show(struct job *job, const char *stack)
{
	const struct settings *config = &job->session->config;
	const char *word;
	size_t length;

	if (strcmp(settings_get(config, "PRETTY_PRINT_STACKS", "no"), "yes"))
		return;
	for (unsigned int i = 0; i < MAX_FRAMES; i++) {
		bool exact;

		word = str_word(&stack, " \t\r", &length);
		if (!word)
			break;
		/* All but the first are return addresses: the call is before. */
		exact = *word == '@';
		frame_show(job, strtoull(word + exact, NULL, 16) - !exact);
	}
}
