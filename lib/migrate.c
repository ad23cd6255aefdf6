/* SPDX-License-Identifier: BSD-2-Clause */
/* A line, and a byte in answer. */
#include <abi/host.h>
#include <asm/cpu.h>
#include <device.h>
#include <migrate.h>
#include <testdev.h>

static void answer_wait(void)
{
	while (console_read() < 0)
		cpu_relax();
}

void migrate_once(void)
{
	/* The reference VMM does it at once, and needs no line to be told. */
	if (testdev_offers(ABI_HOST_STATE))
		return machine_migrate();
	printf("Now migrate the VM; a key goes on\n");
	answer_wait();
}

void migrate_skip(void)
{
	if (testdev_offers(ABI_HOST_STATE))
		return;
	printf("Skipped VM migration\n");
	answer_wait();
}
