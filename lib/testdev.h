/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference VMM's test device: a test acts on its own host.
 *
 * Each TEST that uses it says so by DEVICE(TESTDEV_…), and is SKIP elsewhere.
 * docs/test-device.md tells of all requests.
 */
#ifndef TESTDEV_H
#define TESTDEV_H

#include <abi/host.h>
#include <abi/request.h>
#include <test.h>

/**
 * testdev_offers() - does this VMM have a feature (ABI_HOST_…)?  Costs no exit
 */
bool testdev_offers(u32 feature);

/**
 * ASK(operation, arguments…) - have it done: ASK(SLOT_MOVE, slot, address)
 *
 * Gives result[0].  Whatever does not get done ends the TEST, with the reason.
 */
#define ASK(operation, ...)						\
	testdev_ask(#operation, ABI_REQUEST_##operation,		\
		    (const u64 [6]){ __VA_ARGS__ })
u64 testdev_ask(const char *name, unsigned int operation, const u64 *arguments);

/**
 * REQUEST(operation, arguments…) - the same, giving all of the answer
 */
#define REQUEST(operation, ...)						\
	testdev_request(ABI_REQUEST_##operation,			\
			(const u64 [6]){ __VA_ARGS__ })
struct abi_request testdev_request(unsigned int operation, const u64 *arguments);

/**
 * testdev_exits() - exits to the VMM so far, of all CPUs; this asks for one
 */
u32 testdev_exits(void);

/**
 * WITH_EXIT_LIMIT(n) { } - a check: this CPU exits to the VMM at most @n times
 * EXPECT_EXITS_AT_MOST(n, statement) - the same for a statement
 *
 * TESTDEV_EXITS.  Exits that the kernel deals with are not seen.
 */
#define WITH_EXIT_LIMIT(n)						\
	SCOPE(exit_scope, exit_limit_enter,				\
	      CHECK_HERE("at most " #n " exits"), n)
#define EXPECT_EXITS_AT_MOST(n, ...)					\
	SCOPE(exit_scope, exit_limit_enter,				\
	      CHECK_HERE("at most " #n " exits: " #__VA_ARGS__), n) { __VA_ARGS__; }

struct exit_scope {
	struct scope scope;
	const struct check *check;
	u64 most, before;
};
void exit_limit_enter(struct exit_scope *scope, const struct check *check, u64 most);

/**
 * machine_take() - have the VMM take the whole machine's state
 * @state: which of ABI_STATES it replaces; a TEST's own begin at 1
 *
 * Returns how often it has been put since: 0 at first.  TESTDEV_STATE.
 */
u32 machine_take(unsigned int state);

/**
 * machine_put() - go back to where machine_take() returned, as it was then
 *
 * All of the machine is as it was but the host's page (struct abi_host).
 */
void machine_put(unsigned int state) __attribute__((noreturn));

/**
 * machine_isolated() - does each TEST of this image have a fresh machine (--isolate)?
 */
bool machine_isolated(void);

/**
 * machine_migrate() - go on in another VM, that the kernel has just made
 *
 * TESTDEV_STATE.  What a guest can see is the same, but that time has passed.
 */
void machine_migrate(void);

/**
 * machine_point() - tell the VMM that this point is reached (--save=FILE@NAME)
 */
void machine_point(const char *name);

#endif
