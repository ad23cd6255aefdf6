/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parent makes of a record that a hostile child has written. */
#include <stdlib.h>
#include <string.h>

#include "base/symbols.h"
#include "fuzz/fake.h"
#include "vmm/autopsy.h"

#define CPUS	2

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vm_end *end;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	end = vm_end_create(CPUS);
	return 0;
}

/* The record is long, and most of it numbers: a few places are what matters. */
static void scribble(struct input *input, void *where, size_t size)
{
	while (input->left && input_number(input, 1) & 3) {
		size_t at = input_number(input, 2) % size;

		((uint8_t *)where)[at] = input_number(input, 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	unsigned int what = input_number(&input, 1);
	struct buf text = { 0 };

	memset(end, 0, sizeof(*end));
	end->kind = input_number(&input, 1);
	scribble(&input, end, sizeof(*end));
	for (unsigned int i = 0; i < CPUS; i++) {
		struct vm_record *record = record_of(end, i);

		memset(record, input_number(&input, 1), sizeof(*record));
		/* As many exits as there are cost time: few are enough mostly. */
		record->exits = input_number(&input, 1);
		record->exits = record->exits < 250 ? record->exits % 4 : ~0ull;
		record->taken = input_number(&input, 1);
		for (unsigned int n = 0; n < 4 && input.left; n++) {
			record->exit[n].reason = input_number(&input, 1);
			record->exit[n].type = input_number(&input, 4);
		}
		scribble(&input, record, sizeof(*record));
	}
	if (what & 1)
		vm_end_line(end, NULL, &text);
	else if (what & 2)
		vm_autopsy_text(end, NULL, &text);
	else
		vm_autopsy_json(end, NULL, &text);
	buf_free(&text);
	return 0;
}
