/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports and comparisons of an earlier run, whose file anybody may have written. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "runner/compare.h"
#include "runner/report_file.h"
#include "runner/run_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void case_take(void *context, struct results *results)
{
	run_set_add(context, results);
}

/* Every writer that this build has, to nowhere. */
static void reports_write(const struct run_set *set, const struct run_info *run)
{
	static const struct writer *const kinds[] = { &writer_tap, &writer_ktap, &writer_github };

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		struct writing writing = { .writer = kinds[k], .run = run };
		char *text = NULL, why[100];
		size_t length;

		writing.stream = open_memstream(&text, &length);
		if (kinds[k]->begin(&writing, why, sizeof(why))) {
			for (size_t i = 0; i < set->count; i++) {
				totals_add(&writing.totals, set->cases[i]->verdict);
				kinds[k]->add(&writing, set->cases[i]);
			}
			kinds[k]->end(&writing);
		}
		fclose(writing.stream);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *stream = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct run_set set = { 0 };
	struct run_info run;
	struct buf out = { 0 };

	if (!stream)
		return 0;
	if (results_read_stream(stream, &run, case_take, &set)) {
		reports_write(&set, &run);
		compare(&set, &set, false, true, &out);
		for (size_t i = 0; i < set.count; i++)
			results_write_case(&out, set.cases[i]);
		run_info_free(&run);
	}
	buf_free(&out);
	run_set_free(&set);
	fclose(stream);
	return 0;
}
