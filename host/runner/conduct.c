/* SPDX-License-Identifier: BSD-2-Clause */
/* Options that do not change what machine it is, but how it is run. */
#include "runner/conduct.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/session.h"
#include "runner/words.h"

static struct vm_conduct conduct;
static bool seed_given;

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

static bool number_take(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

static int migrate_take(void *context, const char *value)
{
	(void)context;
	if (number_take(value, &conduct.migrate_every) && conduct.migrate_every)
		return OPTIONS_GO_ON;
	complain("--migrate-every=%s: it is a number of exits", value);
	return 2;
}

static int process_take(void *context, const char *value)
{
	(void)context;
	(void)value;
	conduct.migrate_process = true;
	return OPTIONS_GO_ON;
}

static int perturb_take(void *context, const char *value)
{
	const char *wrong;

	(void)context;
	if (!strcmp(value, "help")) {
		vm_perturb_list(stdout);
		return 0;
	}
	wrong = vm_perturb_wrong(value);
	if (wrong) {
		complain("--perturb: %s", wrong);
		return 2;
	}
	conduct.perturb = value;
	/* Another one each time; --seed repeats one. */
	if (!seed_given)
		conduct.seed = now_ns() % 1000000;
	return OPTIONS_GO_ON;
}

static int seed_take(void *context, const char *value)
{
	(void)context;
	seed_given = number_take(value, &conduct.seed);
	if (seed_given)
		return OPTIONS_GO_ON;
	complain("--seed=%s: it is a number", value);
	return 2;
}

static int break_take(void *context, const char *value)
{
	char why[200];

	(void)context;
	if (vm_lie_list(stdout, value))
		return 0;
	conduct.lie = value;
	if (vm_lie_known(value, why, sizeof(why)))
		return OPTIONS_GO_ON;
	complain("--break=%s: %s", value, why);
	return 2;
}

static int gdb_take(void *context, const char *value)
{
	(void)context;
	conduct.gdb = value ? value : VM_GDB_PORT;
	return OPTIONS_GO_ON;
}

static int trace_take(void *context, const char *value)
{
	char why[256];

	(void)context;
	conduct.trace = value ? value : "exits";
	if (vm_trace_known(conduct.trace, why, sizeof(why)))
		return OPTIONS_GO_ON;
	complain("--trace=%s: %s", conduct.trace, why);
	return 2;
}

static int strict_take(void *context, const char *value)
{
	(void)context;
	(void)value;
	conduct.strict = true;
	return OPTIONS_GO_ON;
}

static const struct option_row rows[] = {
	{ "isolate", 0, NULL, "each TEST from the machine as it was after start-up",
	  OPTION_CALL, .take = isolate_take },
	{ "verify-reset", 0, NULL, "the same, and check by hash that it was",
	  OPTION_CALL, .take = verify_take },
	{ "migrate-every", 0, "N", "every N exits, machines go on in another VM",
	  OPTION_CALL, .take = migrate_take },
	{ "migrate-process", 0, NULL, "and in another process, too", OPTION_CALL,
	  .take = process_take },
	{ "perturb", 0, "LIST", "do what must not matter: NAME[:EVERY],… or all; help lists them",
	  OPTION_CALL, .take = perturb_take },
	{ "seed", 0, "N", "when it is done, as an earlier run said",
	  OPTION_CALL, .take = seed_take },
	{ "strict", 0, NULL, "an access that no device claims is an error",
	  OPTION_CALL, .take = strict_take },
	{ "trace", 0, "GROUPS", "print exits as they come: exits, io, mmio, msr, …",
	  OPTION_CALL, .take = trace_take, .optional = true },
	{ "gdb", 0, "WHERE", "wait for gdb at this port of this host (1234), or socket's path",
	  OPTION_CALL, .take = gdb_take, .optional = true },
	{ "break", 0, "NAME", "be wrong in one way, NAME or NAME@N-TH; help lists them",
	  OPTION_CALL, .take = break_take },
};

const struct option_group conduct_options = {
	"How the embedded VMM runs machines", OPTION_ROWS(rows)
};

const struct vm_conduct *conduct_get(void)
{
	return &conduct;
}

void conduct_describe(struct buf *out)
{
	if (conduct.isolate)
		buf_puts(out, ", each TEST from the same state");
	if (conduct.migrate_every)
		buf_printf(out, ", migrating every %" PRIu64 " exits", conduct.migrate_every);
	if (conduct.strict)
		buf_puts(out, ", strict");
	if (conduct.lie)
		buf_printf(out, ", wrong on purpose: %s", conduct.lie);
	if (conduct.perturb)
		buf_printf(out, ", --perturb=%s --seed=%" PRIu64, conduct.perturb, conduct.seed);
}

static void option_put(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(out, " --%s=", name);
	word_quote(out, value);
}

void conduct_command(struct buf *out)
{
	if (conduct.isolate)
		buf_puts(out, conduct.verify_reset ? " --verify-reset" : " --isolate");
	if (conduct.migrate_every)
		buf_printf(out, " --migrate-every=%" PRIu64, conduct.migrate_every);
	if (conduct.migrate_process)
		buf_puts(out, " --migrate-process");
	option_put(out, "perturb", conduct.perturb);
	if (conduct.perturb)
		buf_printf(out, " --seed=%" PRIu64, conduct.seed);
	if (conduct.strict)
		buf_puts(out, " --strict");
	option_put(out, "break", conduct.lie);
}

const char *conduct_perturbed(void)
{
	static struct buf words;

	if (words.length)
		return buf_text(&words);
	if (conduct.isolate)
		buf_puts(&words, "isolate ");
	if (conduct.migrate_process && conduct.migrate_every)
		buf_puts(&words, "process ");
	vm_perturb_names(&conduct, &words);
	if (!words.length)
		return NULL;
	words.length--;
	return buf_text(&words);
}

bool conduct_perturbs(const char *word, size_t length)
{
	return str_same(word, length, "isolate") || str_same(word, length, "process") ||
	       vm_perturb_known(word, length);
}

double conduct_slowdown(void)
{
	return vm_perturb_slowdown(&conduct);
}
