/* SPDX-License-Identifier: BSD-2-Clause */
/* A line, and a byte in answer. */
#include <abi/host.h>
#include <clock.h>
#include <device.h>
#include <migrate.h>
#include <testdev.h>

#define QUIET_US	1500000
#define POLL_US		10000

/*
 * Seldom, as asking writes to memory, and QEMU without KVM may lose what is written in
 * the moment of a migration: a driver would wait for ever for an answer that it had.
 */
static void answer_wait(void)
{
	while (console_read() < 0)
		delay_us(POLL_US);
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

/* Of a continuous migration: each of its moves is told by a byte. */
static u32 moves;

void migrate_begin(void)
{
	moves = 0;
	if (!testdev_offers(ABI_HOST_STATE))
		printf("Begin continuous migration\n");
}

u32 migrate_count(void)
{
	if (testdev_offers(ABI_HOST_STATE)) {
		machine_migrate();
		return ++moves;
	}
	while (console_read() >= 0)
		moves++;
	return moves;
}

void migrate_end(void)
{
	u64 begin;

	if (testdev_offers(ABI_HOST_STATE))
		return;
	migrate_count();
	/* Twice, as a migration may cut a line in two. */
	printf("End continuous migration\n");
	printf("End continuous migration (quiet)\n");
	answer_wait();
	/*
	 * That byte may have been of a move before, with one more under way, in which
	 * the machine must not end.  It is short, as little is written meanwhile.
	 */
	begin = clock_ticks();
	while (clock_ticks() - begin < clock_us_to_ticks(QUIET_US))
		if (console_read() >= 0)
			begin = clock_ticks();
}
