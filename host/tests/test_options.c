/* SPDX-License-Identifier: BSD-2-Clause */
/* Command lines: what users have typed for years, and tables that agree with themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "runner/options.h"
#include "runner/session.h"

struct seen {
	bool list, plan;
	const char *group;
	unsigned int calls;
};

static int call_take(void *context, const char *value)
{
	struct seen *seen = context;

	seen->calls++;
	return strcmp(value, "bad") ? OPTIONS_GO_ON : 2;
}

#define AT(field)	.offset = offsetof(struct seen, field)

static const struct option_row rows[] = {
	{ "list", 'l', NULL, "x", OPTION_FLAG, AT(list), .classic = true },
	{ "group", 'g', "G", "x", OPTION_TEXT, AT(group), .classic = true },
	{ "parallel", 'j', "N", "x", OPTION_CALL, .take = call_take, .classic = true },
	{ "parrot", 0, NULL, "x", OPTION_FLAG, AT(plan) },
	{ "list-all", 0, NULL, "x", OPTION_FLAG, AT(plan) },
	{ "groups", 0, NULL, "x", OPTION_FLAG, AT(plan) },
};

static const struct option_group group = { "Test", OPTION_ROWS(rows) };

static struct command test = {
	.name = "test", .operands = "", .text = "x",
	.groups = (const struct option_group *const[]){ &group, NULL },
};

/* Reads the words of a line; returns the status, sets the operands. */
static int read_line(const struct command *command, void *context, const char *line,
		     char *operands, size_t size)
{
	char *copy = mem_copy(line), *rest = copy, *argv[32];
	int argc = 1, first, status;
	static char name[] = "test";

	argv[0] = name;
	while ((argv[argc] = strsep(&rest, " ")))
		argc++;
	status = options_read(command, context, argc, argv, &first);
	*operands = '\0';
	for (int i = first; status == OPTIONS_GO_ON && i < argc; i++) {
		strncat(operands, argv[i], size - strlen(operands) - 1);
		strncat(operands, ",", size - strlen(operands) - 1);
	}
	assert_ptr_equal(argv[0], name);
	free(copy);
	return status;
}

static void forms(void **state)
{
	static const struct {
		const char *line;
		int status;
		const char *operands;
		struct seen seen;
	} cases[] = {
		{ "a -l b -j 3 c", -1, "a,b,c,", { .list = true, .calls = 1 } },
		{ "-lj8 a", -1, "a,", { .list = true, .calls = 1 } },
		{ "-- -l", -1, "-l,", { 0 } },
		{ "--parallel=2 --list", -1, "", { .list = true, .calls = 1 } },
		{ "--parallel 2", -1, "", { .calls = 1 } },
		/* Abbreviations of old, whatever has come since. */
		{ "--p=2 --pa=2 --par=2 --para=2 --l --li --lis", -1, "",
		  { .list = true, .calls = 4 } },
		{ "--parr", -1, "", { .plan = true } },
		{ "--list-", -1, "", { .plan = true } },
		{ "--g=x --gro=x", -1, "", { 0 } },
		{ "--groups", -1, "", { .plan = true } },
		{ "--nonsense", 2, "", { 0 } },
		{ "-x", 2, "", { 0 } },
		{ "--parallel", 2, "", { 0 } },
		{ "--list=1", 2, "", { 0 } },
		{ "-j bad -l", 2, "", { .calls = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct seen seen = { 0 };
		char operands[64];
		int status = read_line(&test, &seen, cases[i].line, operands, sizeof(operands));

		if (status != cases[i].status || strcmp(operands, cases[i].operands) ||
		    seen.list != cases[i].seen.list || seen.plan != cases[i].seen.plan ||
		    (status < 0 && seen.calls != cases[i].seen.calls))
			fail_msg("%s: status %d, operands '%s'", cases[i].line, status, operands);
	}
}

static void operands_first(void **state)
{
	struct seen seen = { 0 };
	char operands[64];

	(void)state;
	test.operands_first = true;
	assert_int_equal(read_line(&test, &seen, "-l image -j --par", operands,
				   sizeof(operands)), OPTIONS_GO_ON);
	assert_string_equal(operands, "image,-j,--par,");
	assert_int_equal(seen.calls, 0);
	test.operands_first = false;
}

/* Every name and letter once a command, help one line, a letter's row has a name. */
static void tables(void **state)
{
	(void)state;
	for (size_t c = 0; commands[c]; c++) {
		const struct command *command = commands[c];
		const struct option_row *all[128];
		size_t count = 0;

		assert_ptr_equal(command_find(command->name), command);
		for (size_t g = 0; command->groups && command->groups[g]; g++)
			for (size_t i = 0; i < command->groups[g]->count; i++)
				all[count++] = &command->groups[g]->rows[i];
		for (size_t i = 0; i < count; i++) {
			assert_non_null(all[i]->name);
			assert_null(strchr(all[i]->help, '\n'));
			assert_true(all[i]->help[strlen(all[i]->help) - 1] != '.');
			assert_true(all[i]->kind != OPTION_FLAG || !all[i]->argument);
			assert_true(all[i]->kind != OPTION_TEXT || all[i]->argument);
			assert_true(!all[i]->take == (all[i]->kind != OPTION_CALL));
			assert_true(strcmp(all[i]->name, "help") && all[i]->letter != 'h');
			for (size_t k = 0; k < i; k++) {
				assert_true(strcmp(all[i]->name, all[k]->name));
				assert_true(!all[i]->letter || all[i]->letter != all[k]->letter);
			}
		}
	}
	assert_null(command_find("nothing"));
}

/* What run_tests.sh has always taken. */
static void classics(void **state)
{
	static const char *const known[] = {
		"help", "verbose", "all", "group", "parallel", "tap13", "list", "probe-maxsmp",
	};

	(void)state;
	for (size_t i = 1; i < sizeof(known) / sizeof(*known); i++) {
		bool found = false;

		for (size_t g = 0; suite_command.groups[g]; g++)
			for (size_t k = 0; k < suite_command.groups[g]->count; k++)
				found |= suite_command.groups[g]->rows[k].classic &&
					!strcmp(suite_command.groups[g]->rows[k].name, known[i]);
		if (!found)
			fail_msg("--%s is gone, or not classic", known[i]);
	}
}

int main(void)
{
	const struct CMUnitTest unit_tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(operands_first),
		cmocka_unit_test(tables),
		cmocka_unit_test(classics),
	};

	return cmocka_run_group_tests(unit_tests, NULL, NULL);
}
