/* SPDX-License-Identifier: BSD-2-Clause */
/* Service calls: what the machine has, and its console. */
#ifndef SCLP_H
#define SCLP_H

#include <base.h>
#include <defs/sclp.h>

struct sccb {
	u16 length;
	u8 function;
	u8 control[3];
	u16 response;
	u8 data[4088];
};
_Static_assert(sizeof(struct sccb) == 4096, "a page");

#define SCCB_BYTE(sccb, at)	(((const u8 *)(sccb))[at])

/* Offsets in the answer to READ SCP INFO. */
#define SCP_INCREMENTS		8	/* u16: of memory */
#define SCP_INCREMENT_MIB	10	/* u8 */
#define SCP_CPUS		16	/* u16 */
#define SCP_CPU_OFFSET		18	/* u16: of entries of 16 bytes */
#define SCP_INCREMENT_MIB2	100	/* u32, where the u8 is 0 */
#define SCP_INCREMENTS2		104	/* u64, where the u16 is 0 */
#define SCP_CPU_SIZE		16
/* Features, for CPU_SCP(byte, bit) and sclp_feature(). */
#define SCP_DIAG318		134, 0
#define SCP_CPU_SIEF2		2, 4	/* for sclp_cpu_feature() */

/**
 * servc() - SERVICE CALL
 *
 * Returns its condition code: 0 begun, 2 busy, 3 not operational.
 */
static inline int servc(u32 command, const void *sccb)
{
	int cc;

	asm volatile(".insn rre, 0xb2200000, %1, %2\n\tipm %0\n\tsrl %0, 28"
		     : "=d"(cc) : "d"(command), "a"(sccb) : "cc", "memory");
	return cc;
}

/**
 * sclp_call() - a service call and its end
 * @sccb: below 2 GiB, of which length and what the command needs are filled in
 *
 * Returns the response, or 0 if there is no SCLP.
 */
unsigned int sclp_call(u32 command, struct sccb *sccb);

/**
 * sclp_info() - the answer to READ SCP INFO, asked for once
 */
const struct sccb *sclp_info(void);

/**
 * sclp_memory() - bytes of memory, all from address 0
 * sclp_cpu_count(), sclp_cpu_address() - configured CPUs
 * sclp_feature() - a bit of READ SCP INFO's answer
 * sclp_cpu_feature() - a bit of its first entry of a CPU
 */
u64 sclp_memory(void);
unsigned int sclp_cpu_count(void);
u16 sclp_cpu_address(unsigned int n);
bool sclp_feature(unsigned int byte, unsigned int bit);
bool sclp_cpu_feature(unsigned int byte, unsigned int bit);

/**
 * sclp_number() - a big-endian number in an answer
 */
u64 sclp_number(const struct sccb *sccb, unsigned int offset, unsigned int bytes);

#endif
