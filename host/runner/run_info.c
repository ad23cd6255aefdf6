/* SPDX-License-Identifier: BSD-2-Clause */
/* What is true of this run, for whoever reads its results later. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/host_facts.h"
#include "runner/results_file.h"
#include "runner/session.h"
#include "runner/words.h"

void run_info_make(struct run_info *run, struct session *session, const char *id,
		   unsigned int jobs, char **words)
{
	const struct host_facts *facts = host_facts();
	struct buf command = { 0 }, vmm = { 0 }, modules = { 0 };
	char directory[PATH_MAX], *head = session_file(session, "build-head");
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	for (char **word = words; word && *word; word++) {
		buf_puts(&command, word == words ? "" : " ");
		word_quote(&command, *word);
	}
	host_modules(&modules);
	if (modules.length)
		modules.length--;
	vmms_describe(session, session->wanted, &vmm);
	*run = (struct run_info){
		.id = mem_copy(id),
		.started_us = now.tv_sec * 1000000ull + now.tv_nsec / 1000,
		.jobs = jobs,
		.command = buf_take(&command),
		.directory = getcwd(directory, sizeof(directory)) ? mem_copy(directory) : NULL,
		.arch = mem_copy(session->arch),
		.build = text_file(head),
		.host = mem_copy(facts->machine),
		.cpu = mem_copy(facts->cpu),
		.kernel = mem_copy(facts->kernel),
		.kvm = session->vmms.kvm ? mem_copy(facts->kvm) : NULL,
		.vmm = buf_take(&vmm),
		.modules = buf_take(&modules),
	};
	free(head);
}
