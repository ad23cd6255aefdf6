/* SPDX-License-Identifier: BSD-2-Clause */
/* How a machine ended, by its VMM's exit status and what it said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "runner/arch.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"

/* The last line of what was said on standard error, but for warnings. */
static void last_error(struct boot *boot, char *out, size_t size)
{
	const char *text = buf_text(&boot->error_text), *line;
	size_t length = boot->error_text.length;

	while (length && text[length - 1] == '\n')
		length--;
	line = memrchr(text, '\n', length);
	line = line ? line + 1 : text;
	snprintf(out, size, "%.*s", (int)(text + length - line), line);
	out[strcspn(out, "\r")] = '\0';
}

static void signal_set(struct ending *ending, unsigned int number)
{
	ending->kind = ENDING_SIGNAL;
	ending->code = number;
}

/* It left as a program does that has nothing more to say. */
static void status_zero(struct job *job, struct ending *ending)
{
	const struct boot *boot = &job->boot;
	const char *died = strstr(buf_text(&job->boot.error_text), "terminating on signal ");

	if (died)
		signal_set(ending, strtoul(died + strlen("terminating on signal "), NULL, 10));
	else if (boot->told_status >= 0 && !*ending->text)
		/* The machine has no device for it, and has switched itself off. */
		ending->code = boot->told_status >> 1;
	else
		ending->kind = job->session->target->tells_status ? ENDING_POWER_OFF :
			       ENDING_SHUTDOWN;
}

void program_finish(struct job *job, int status,
		    bool (*refusal)(const struct boot *boot, const char *text),
		    struct ending *ending)
{
	struct boot *boot = &job->boot;
	unsigned int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	*ending = (struct ending){ .kind = ENDING_VERDICT, .code = code >> 1 };
	boot_files_close(boot);
	last_error(boot, ending->text, sizeof(ending->text));
	if (boot->stop == STOP_TOLD && boot->killed) {
		ending->code = boot->told_status >> 1;
	} else if (WIFSIGNALED(status)) {
		signal_set(ending, WTERMSIG(status));
	} else if (code >= 128) {
		signal_set(ending, code - 128);
	} else if (code == 0) {
		status_zero(job, ending);
	} else if (code == 1 && *ending->text && !(job->plan.ours && job->tally.summary)) {
		/*
		 * One of ours that has summed up has left by itself, whatever is said; of
		 * others, users know that an error beside them counts.
		 */
		ending->kind = refusal(boot, ending->text) ? ENDING_UNSUPPORTED : ENDING_ERROR;
		ending->code = code;
	} else if (!(code & 1)) {
		ending->kind = ENDING_ERROR;
		ending->code = code;
		if (!*ending->text)
			snprintf(ending->text, sizeof(ending->text),
				 "the VMM left with status %u", code);
	}
}
