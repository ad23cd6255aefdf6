/* SPDX-License-Identifier: BSD-2-Clause */
/* What a suite would run, told without running it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/job.h"
#include "runner/suite.h"

static void json_text(const char *text)
{
	putchar('"');
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < 0x20)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

/* A member that is there only if it has a value. */
static void json_member(const char *name, const char *value)
{
	struct buf clean = { 0 };

	if (!value)
		return;
	utf8_add(&clean, value, strlen(value));
	printf(", \"%s\": ", name);
	json_text(buf_text(&clean));
	buf_free(&clean);
}

static bool is_listed(const struct suite *suite, const struct cfg_case *one)
{
	return !suite->selection.group || select_in_group(one, suite->selection.group);
}

static void case_json(const struct site *site, const struct cfg_case *one, bool first)
{
	char line[16];

	printf("%s\n  {\"arch\": ", first ? "" : ",");
	json_text(site->session->arch);
	json_member("name", one->name);
#define CASE_MEMBER(key, meaning) json_member(#key, one->key);
	CFG_KEYS(CASE_MEMBER)
#undef CASE_MEMBER
	json_member("cfg", one->path);
	snprintf(line, sizeof(line), "%u", one->line);
	if (one->line)
		printf(", \"line\": %s", line);
	printf("}");
}

static void name_print(const char *name)
{
	struct buf clean = { 0 };

	utf8_add(&clean, name, strlen(name));
	printf("%s\n", buf_text(&clean));
	buf_free(&clean);
}

void suite_list(const struct suite *suite)
{
	bool first = true;

	if (suite->json)
		printf("[");
	for (size_t s = 0; s < suite->site_count; s++) {
		const struct site *site = &suite->sites[s];

		for (size_t i = 0; i < site->cfg.count; i++) {
			const struct cfg_case *one = &site->cfg.cases[i];

			if (!is_listed(suite, one))
				continue;
			if (suite->json)
				case_json(site, one, first);
			else
				name_print(one->name);
			first = false;
		}
	}
	if (suite->json)
		printf("\n]\n");
}

static void plan_json(struct job *job, bool first)
{
	printf("%s\n  {\"run\": %s", first ? "" : ",", job->verdict == VERDICT_NONE ?
	       "true" : "false");
	json_member("name", job->name);
	json_member("label", job->label);
	json_member("arch", job->session->arch);
	json_member("image", job->image);
	json_member("timeout", job->timeout);
	if (job->verdict == VERDICT_NONE) {
		struct buf command = { 0 };

		json_member("backend", job->backend->name);
		json_member("accel", job->accel);
		printf(", \"smp\": %u, \"memory\": %llu", job->machine.cpus,
		       (unsigned long long)job->machine.memory >> 20);
		job->backend->command(job, &command);
		json_member("command", buf_text(&command));
		buf_free(&command);
	} else {
		json_member("verdict", verdict_name(job->verdict));
		json_member("reason", buf_text(&job->text));
	}
	printf("}");
}

static void plan_text(struct job *job)
{
	if (job->verdict != VERDICT_NONE)
		printf("%-5s %s (%s)\n", verdict_name(job->verdict), job->label,
		       buf_text(&job->text));
	else
		printf("run   %s (%s%s%s, %u CPU%s, %llu MiB, timeout %s%s)\n", job->label,
		       job->backend->name, strcmp(job->backend->name, job->accel) ? " with " : "",
		       strcmp(job->backend->name, job->accel) ? job->accel : "",
		       job->machine.cpus, job->machine.cpus == 1 ? "" : "s",
		       (unsigned long long)job->machine.memory >> 20, job->timeout,
		       job->alone ? ", alone" : "");
}

int suite_plan(struct suite *suite)
{
	if (suite->json)
		printf("[");
	for (size_t i = 0; i < suite->units.count; i++) {
		struct job *job = suite_job(suite, &suite->units.unit[i]);

		if (suite->json)
			plan_json(job, !i);
		else
			plan_text(job);
		job_free(job);
	}
	if (suite->json)
		printf("\n]\n");
	return suite->units.unmatched ? 2 : suite->units.count ? 0 : 4;
}
