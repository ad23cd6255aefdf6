/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest says is passed on, up to a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "vmm/machine.h"

static void limited(void **state)
{
	static struct vm_config config;
	static struct vm_end end;
	size_t size = 1 << 20, most = VM_CONSOLE_MOST / size;
	char *block = calloc(1, size), got[8] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	machine.config = &config;
	machine.end = &end;
	config.console = ends[1];
	console_write("hello", 5);
	assert_int_equal(read(ends[0], got, sizeof(got)), 5);
	assert_memory_equal(got, "hello", 5);
	/* Nobody reads: that loses the bytes, and counts them all the same. */
	close(ends[0]);
	config.console = -1;
	for (size_t i = 0; i < most - 1; i++)
		console_write(block, size);
	assert_int_equal(end.console_dropped, 0);
	console_write(block, size);
	assert_int_equal(end.console_dropped, 5);
	console_write(block, 100);
	assert_int_equal(end.console_dropped, 105);
	free(block);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(limited) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
