/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the reference VMM offers an image beyond a plain machine.
 *
 * The VMM lists one region of guest memory in the memory map (multiboot and PVH
 * alike) with type ABI_HOST_MEMORY_TYPE, or as "reg" of a device tree's node that is
 * compatible with ABI_HOST_COMPATIBLE.  Page 0 of the region is struct abi_host;
 * the ledger's ring follows at `ring`, both in a memfd that the runner maps too.
 * An image that finds no such entry is on another VMM; without it or without a
 * ledger it prints lines of text instead.  Finding out costs no exit.
 *
 * The region is no part of the machine's state.
 */
#ifndef ABI_HOST_H
#define ABI_HOST_H

#include <stdint.h>

#define ABI_HOST_MEMORY_TYPE	0xf1a7bed0u
#define ABI_HOST_COMPATIBLE	"flatbed,host"
#define ABI_HOST_MAGIC		0x74736f4864656246ull	/* "FbedHost" */
#define ABI_HOST_VERSION	4

/* X(name): features, bits from 0; what each is for, abi/request.h tells. */
#define ABI_HOST_FEATURES(X)						\
	X(NMI) X(EXITS) X(STATE) X(SMI) X(MSI) X(MCE) X(SLOTS) X(FAULTS)	\
	X(FAULTS_WP) X(LOG)						\
	X(LOG_RING)	/* the dirty log comes of rings, not of bitmaps */ \
	X(MSRS) X(STOP) X(STEAL) X(CLOCK) X(TSC) X(EVENTS) X(STATS)

enum abi_host_bit {
#define ABI_HOST_BIT(name) ABI_HOST_BIT_##name,
	ABI_HOST_FEATURES(ABI_HOST_BIT)
#undef ABI_HOST_BIT
};

enum abi_host_feature {
#define ABI_HOST_FEATURE(name) ABI_HOST_##name = 1 << ABI_HOST_BIT_##name,
	ABI_HOST_FEATURES(ABI_HOST_FEATURE)
#undef ABI_HOST_FEATURE
};

/* Ports of the test device, relative to `port`; accesses are 32 bits wide.  Where
 * there are no ports, they are addresses. */
#define ABI_PORT_DOORBELL	0	/* out: wait until the ring has room */
#define ABI_PORT_NMI		4	/* out: NMI at the CPU with this APIC id */
#define ABI_PORT_EXITS		8	/* in: exits to the VMM so far, all CPUs */
#define ABI_PORT_STATE		12	/* out: enum abi_state */
#define ABI_PORT_YIELD		16	/* out: nothing; it is an exit */
#define ABI_PORT_REQUEST	24	/* out: address of a struct abi_request */
#define ABI_PORT_POINT		20	/* out: address of a name of this point, below
					 * 4 GiB and ABI_POINT_MAX bytes, NUL included */
#define ABI_POINT_MAX		64
#define ABI_PORT_END		28	/* out: the machine ends with this status, where
					 * nothing else does it; see abi/verdict.h */

/*
 * ABI_PORT_STATE: an operation, and above it the number of one of ABI_STATES
 * states.  State 0 is the harness's.
 */
enum abi_state {
	ABI_STATE_TAKE = 1,	/* take the whole machine's state, and clear puts[n] */
	ABI_STATE_PUT,		/* make the machine so again, which goes on behind
				 * TAKE, and add one to puts[n] */
	ABI_STATE_MIGRATE,	/* go on in another VM; there is no number */
};
#define ABI_STATE_NUMBER(n)	((n) << 8)
#define ABI_STATES		4

/*
 * Isolation: with `isolate` set, an image takes state 0 once, behind its
 * start-up.  Then, and after each PUT, it runs the first of its TESTs from
 * number `test` on that it would run anyhow; if there is none, it ends.  It
 * stores the number of the next one at `test` before it asks for PUT.
 */

struct abi_host {
	uint64_t magic;
	uint32_t version;
	uint32_t features;
	uint32_t cpus;		/* CPUs of this machine */
	uint32_t port;		/* first port of the test device */
	uint32_t ring;		/* offset of the ring in the region */
	uint32_t ring_size;	/* bytes, a power of two; 0: there is no ledger */
	uint32_t tsc_khz;	/* frequency of the CPUs' TSC, 0 if not known */
	uint32_t isolate;	/* 1: each TEST is to begin from the same state */
	uint32_t test;		/* with `isolate`: where to go on */
	uint32_t yield;		/* 1: the harness is to exit at each check */
	uint32_t puts[ABI_STATES];
	uint32_t points;	/* 1: the harness is to say TESTs' names as points */
	uint32_t name_length;	/* of the image's name, before its arguments; 0: not known */
	uint32_t reserved[14];

	/*
	 * Positions in the ring, counted without wrapping; each on a cache line
	 * of its own, as different CPUs write them.
	 */
	uint32_t head;		/* reserved by the guest up to here */
	uint32_t reserved_head[15];
	uint32_t tail;		/* consumed by the host up to here */
	uint32_t reserved_tail[15];

	uint32_t keep[16];	/* the image's own; a PUT leaves it alone */
};

#endif
