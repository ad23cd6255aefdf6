/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an image says how it went: the words of its result lines, and the code
 * that it leaves through the debug-exit port.
 */
#ifndef ABI_VERDICT_H
#define ABI_VERDICT_H

/*
 * The value written to the debug-exit port; a VMM that implements the port as
 * QEMU's isa-debug-exit does leaves with status (value << 1) | 1.
 */
enum abi_exit {
	ABI_EXIT_PASS = 0,
	ABI_EXIT_FAIL = 1,
	ABI_EXIT_SKIP = 38,	/* status 77: nothing but skips */
	ABI_EXIT_ABORT = 63,	/* status 127: the image could not tell */
};

#define ABI_DEBUG_EXIT_PORT	0xf4
#define ABI_DEBUG_CONSOLE_PORT	0xe9	/* reads give 0xe9 where it exists */
#define ABI_BOCHS_SHUTDOWN_PORT	0x8900	/* takes "Shutdown", byte by byte */

/* X(name): one result line is the name, ": ", and what the result is of. */
#define ABI_RESULTS(X)							\
	X(PASS)								\
	X(FAIL)								\
	X(SKIP)								\
	X(XFAIL)	/* failed, as its author recorded */		\
	X(XPASS)	/* should have failed, and did not */

enum abi_result {
#define ABI_RESULT(name) ABI_RESULT_##name,
	ABI_RESULTS(ABI_RESULT)
#undef ABI_RESULT
	ABI_RESULT_COUNT
};

/* How the machine ends when a TEST says ENDS(...). */
enum abi_ends {
	ABI_ENDS_NOT,		/* it lives on: the usual case */
	ABI_ENDS_SHUTDOWN,	/* shutdown state: a triple fault */
	ABI_ENDS_OFF,		/* it was turned off by the firmware's means */
	ABI_ENDS_RESET,		/* it was reset by the firmware's means */
	ABI_ENDS_MIGRATION,	/* it goes on in another VMM, by lib/migrate.h */
};

/*
 * Names of environment variables by which the runner steers the harness.  Both
 * count TESTs from 0 in file order.
 */
#define ABI_ENV_FIRST	"FLATBED_FIRST"	/* begin with this TEST */
#define ABI_ENV_ONLY	"FLATBED_ONLY"	/* run this TEST, even if it ENDS */
/* For proofs, 1: run each TEST with its checks falsified, too, before it runs. */
#define ABI_ENV_MUTATE	"FLATBED_MUTATE"

#endif
