/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the reference VMM offers an image beyond a plain machine.
 *
 * The VMM backs one region of guest memory with a memfd that the runner maps
 * too, and lists it in the memory map (multiboot and PVH alike) with type
 * ABI_HOST_MEMORY_TYPE.  Page 0 of the region is struct abi_host; the ledger's
 * ring follows at `ring`.  An image that finds no such entry is on another VMM
 * and prints lines of text instead.  Finding out costs no exit.
 */
#ifndef ABI_HOST_H
#define ABI_HOST_H

#include <stdint.h>

#define ABI_HOST_MEMORY_TYPE	0xf1a7bed0u
#define ABI_HOST_MAGIC		0x74736f4864656246ull	/* "FbedHost" */
#define ABI_HOST_VERSION	1

/* features */
#define ABI_HOST_NMI		(1u << 0)	/* ABI_PORT_NMI works */
#define ABI_HOST_EXITS		(1u << 1)	/* ABI_PORT_EXITS works */

/* Ports of the test device, relative to `port`; accesses are 32 bits wide. */
#define ABI_PORT_DOORBELL	0	/* out: wait until the ring has room */
#define ABI_PORT_NMI		4	/* out: NMI at the CPU with this APIC id */
#define ABI_PORT_EXITS		8	/* in: exits to the VMM so far, all CPUs */

struct abi_host {
	uint64_t magic;
	uint32_t version;
	uint32_t features;
	uint32_t cpus;		/* CPUs of this machine */
	uint32_t port;		/* first port of the test device */
	uint32_t ring;		/* offset of the ring in the region */
	uint32_t ring_size;	/* bytes, a power of two */
	uint32_t tsc_khz;	/* frequency of the CPUs' TSC, 0 if not known */
	uint32_t reserved[7];

	/*
	 * Positions in the ring, counted without wrapping; each on a cache line
	 * of its own, as different CPUs write them.
	 */
	uint32_t head;		/* reserved by the guest up to here */
	uint32_t reserved_head[15];
	uint32_t tail;		/* consumed by the host up to here */
	uint32_t reserved_tail[15];
};

#endif
