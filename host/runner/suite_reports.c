/* SPDX-License-Identifier: BSD-2-Clause */
/* What a suite is asked to report, beside the lines on standard output. */
#include "runner/suite_reports.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "runner/report_file.h"
#include "runner/suite.h"

static int report_take(void *context, const char *what)
{
	struct suite *suite = context;
	struct report_wishes *wishes = &suite->wishes;
	struct buf kinds = { 0 };

	if (!strcmp(what, "help")) {
		writers_print(&kinds);
		fputs(buf_text(&kinds), stdout);
		buf_free(&kinds);
		return 0;
	}
	if (!writing_known(what))
		return 2;
	wishes->reports = mem_grow(wishes->reports, wishes->count, sizeof(*wishes->reports));
	wishes->reports[wishes->count++] = what;
	return OPTIONS_GO_ON;
}

static const struct option_row rows[] = {
	{ "report", 0, "KIND[=FILE]", "write a report too, of each KIND given; --report=help lists "
	  "them", .kind = OPTION_CALL, .take = report_take,
	  .values = "junit json html tap ktap github help" },
};

const struct option_group suite_reports_group = { "Reports", OPTION_ROWS(rows) };

struct report *suite_reports(struct suite *suite, char **words, struct report *last)
{
	struct report_wishes *wishes = &suite->wishes;
	struct session *session = &suite->session;
	const char *slash = strrchr(session->run_directory, '/');

	run_info_make(&wishes->run, session, slash ? slash + 1 : session->run_directory,
		      suite->jobs, words);
	last = last->next = report_journal(session, &wishes->run);
	for (size_t i = 0; i < wishes->count; i++) {
		struct report *report = report_file(session, wishes->reports[i], &wishes->run,
						    suite->report_options.cases);

		if (!report)
			return NULL;
		last = last->next = report;
	}
	return last;
}
