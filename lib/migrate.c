/* SPDX-License-Identifier: BSD-2-Clause */
/* A line, and a byte in answer. */
#include <asm/cpu.h>
#include <device.h>
#include <migrate.h>

static void answer_wait(void)
{
	while (console_read() < 0)
		cpu_relax();
}

void migrate_once(void)
{
	printf("Now migrate the VM; a key goes on\n");
	answer_wait();
}

void migrate_skip(void)
{
	printf("Skipped VM migration\n");
	answer_wait();
}
