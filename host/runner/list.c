/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed list: the TESTs of images, which are not booted for it. */
#include <stdio.h>

#include "abi/verdict.h"
#include "runner/options.h"
#include "runner/plan.h"
#include "runner/session.h"

static void need_print(const char **separator, const char *word, const char *text)
{
	if (!*text)
		return;
	printf("%s%s %s", *separator, word, text);
	*separator = "; ";
}

static void test_print(const struct plan_test *test)
{
	static const char *const ends[] = {
		[ABI_ENDS_NOT] = "", [ABI_ENDS_SHUTDOWN] = "shutdown",
		[ABI_ENDS_OFF] = "power off", [ABI_ENDS_RESET] = "reset",
		[ABI_ENDS_MIGRATION] = "migration",
	};
	const char *separator = " [";
	char number[32];

	printf("%s: %s (%s:%u)", test->name, test->text, test->file, test->line);
	need_print(&separator, "needs", test->needs);
	need_print(&separator, "lacks", test->lacks);
	need_print(&separator, "device", test->devices);
	snprintf(number, sizeof(number), "%u", test->cpus);
	need_print(&separator, "CPUs", test->cpus > 1 ? number : "");
	snprintf(number, sizeof(number), "%llu MiB", (unsigned long long)test->memory >> 20);
	need_print(&separator, "memory", test->memory ? number : "");
	need_print(&separator, "ends by", test->ends < sizeof(ends) / sizeof(*ends) ?
		   ends[test->ends] : "");
	need_print(&separator, "fails:", test->xfail);
	printf("%s\n", *separator == ';' ? "]" : "");
}

static int list_run(const char *program, int argc, char **argv)
{
	int status = 0, first, end = options_read(&list_command, NULL, argc, argv, &first);

	(void)program;
	if (end != OPTIONS_GO_ON)
		return end;
	if (first == argc) {
		usage_print(&list_command, stderr);
		return 2;
	}
	for (int i = first; i < argc; i++) {
		struct plan plan;
		char why[600];

		if (plan_read(&plan, argv[i], why, sizeof(why)) != PLAN_OK) {
			complain_line(why);
			status = 2;
			continue;
		}
		if (!plan.ours) {
			complain("%s: this image does not say which tests it has", argv[i]);
			status = 2;
		}
		for (size_t t = 0; t < plan.count; t++)
			test_print(&plan.tests[t]);
		plan_free(&plan);
	}
	return status;
}

const struct command list_command = {
	.name = "list", .operands = "IMAGE...", .run = list_run,
	.text = "the TESTs of images, which are not booted for it",
};
