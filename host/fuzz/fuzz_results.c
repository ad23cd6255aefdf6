/* SPDX-License-Identifier: BSD-2-Clause */
/* The file of a run's results, torn, damaged, and written again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz/fake.h"
#include "runner/results_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct buf written;

static void take(void *context, struct results *results)
{
	(void)context;
	results_write_case(&written, results);
	results_free(results);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = { 0 }, first;
	struct run_info run;
	char why[300];

	/* Its first line is the only one that has to be there. */
	buf_puts(&text, "flatbed-results\t1\n");
	buf_add(&text, data, size);
	fake_file((const uint8_t *)text.data, text.length);
	written.length = 0;
	if (!results_read(fake_file_path(), &run, take, NULL, why, sizeof(why)))
		abort();
	run_info_free(&run);
	/* What was read is what is read again. */
	first = written;
	written = (struct buf){ 0 };
	text.length = 0;
	buf_puts(&text, "flatbed-results\t1\n");
	buf_add(&text, first.data, first.length);
	fake_file((const uint8_t *)text.data, text.length);
	if (!results_read(fake_file_path(), &run, take, NULL, why, sizeof(why)) ||
	    first.length != written.length || memcmp(buf_text(&first), buf_text(&written),
						     first.length))
		abort();
	run_info_free(&run);
	buf_free(&first);
	buf_free(&written);
	buf_free(&text);
	return 0;
}
