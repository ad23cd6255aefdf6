/* SPDX-License-Identifier: BSD-2-Clause */
/* What users write: options in QEMU's words, filters, backends, durations. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/filter.h"
#include "runner/machine.h"
#include "runner/session.h"
#include "runner/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool no_value(void *context, enum filter_field field,
		     bool (*fits)(void *match, const char *value), void *match)
{
	(void)context;
	return field == FILTER_name && fits(match, "name");
}

static uint64_t no_number(void *context, enum filter_field field)
{
	(void)context;
	return field;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct filter_facts facts = { .any = no_value, .number = no_number };
	char *text = mem_text((const char *)data, size), why[200];
	struct machine machine = { 0 };
	struct words words = { 0 };
	struct vmm_wish *wishes = NULL;
	struct filter *filter;
	size_t count = 0;
	uint64_t ns;

	words_split(&words, text);
	machine_read(&machine, &words);
	if (!machine.cpus || !machine.memory)
		abort();
	machine_free(&machine);
	words_free(&words);
	filter = filter_parse(text, why, sizeof(why));
	if (filter)
		filter_holds(filter, &facts);
	else if (!*why)
		abort();
	filter_free(filter);
	vmm_wishes_read(text, &wishes, &count, why, sizeof(why));
	for (size_t i = 0; i < count; i++)
		free((char *)(uintptr_t)wishes[i].template);
	free(wishes);
	arch_find(text);
	free(arch_of_image(text, "x86_64"));
	duration_ns(text, &ns);
	free(text);
	return 0;
}
