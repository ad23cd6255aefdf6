/* SPDX-License-Identifier: BSD-2-Clause */
/* Options that do not change what machine it is, but how it is run. */
#include "runner/conduct.h"

static struct vm_conduct conduct;

static int isolate_take(void *context, const char *value)
{
	(void)context;
	(void)value;
	conduct.isolate = true;
	return OPTIONS_GO_ON;
}

static int verify_take(void *context, const char *value)
{
	conduct.verify_reset = true;
	return isolate_take(context, value);
}

static const struct option_row rows[] = {
	{ "isolate", 0, NULL, "each TEST from the machine as it was after start-up",
	  OPTION_CALL, .take = isolate_take },
	{ "verify-reset", 0, NULL, "the same, and check by hash that it was",
	  OPTION_CALL, .take = verify_take },
};

const struct option_group conduct_options = {
	"How the embedded VMM runs machines", OPTION_ROWS(rows)
};

const struct vm_conduct *conduct_get(void)
{
	return &conduct;
}
